/**
 * What is done once, seen from the API server: a Job that cannot start follows the spec, one that is done or at work
 * does not, and two never run at a time. Pulp's operator as a process with the rights of an installation; pods are
 * simulated, and a pod without a node has the state that a test gives it.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Client, kinds } from "@zuul-pulp/k8s-core";
import type { LiveObject } from "@zuul-pulp/k8s-core/model";
import { type Lab, openLab } from "../lab/lab.ts";
import { products } from "../lab/product.ts";
import type { Room, Running } from "../lab/room.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Request } from "../lab/audit.ts";
import { conditionOf, eventually, field, gone, until, word } from "../lab/look.ts";
import { person } from "../lab/person.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab(() => undefined, new AbortController().signal);
}, 300_000);
afterAll(async () => await lab[Symbol.asyncDispose]());

const pulp = only(products.filter(({ app }) => app === "pulp-operator"));
const admin = (): Client => lab.admin;

const nowhere = { nodeSelector: { "example.org/there-is": "no-such-node" } };
const retryAnnotation = "pulpproject.org/retry-migration";

interface Scene {
  readonly room: Room;
  operator: Running;
}

/** One Pulp whose migration finds no node. */
async function pending(purpose: string): Promise<Scene> {
  const room = await lab.room(pulp, purpose);
  const operator = await room.operator();
  const whole = pulp.manifest("one");
  const spec = { ...Object(whole["spec"]), worker: { replicas: 1, pod: nowhere } };
  await admin().apply(pulp.resource, room.namespace, { ...whole, spec }, person);
  await podOfMigration(room);
  return { room, operator };
}

const migrations = async ({ namespace }: Room): Promise<readonly LiveObject[]> =>
  (await admin().list(kinds.Job, namespace, { labels: { "app.kubernetes.io/component": "migration" } }))
    .items;

const migration = async (room: Room): Promise<LiveObject> => only(await migrations(room));

/** The pod of the one migration, or of one of several, once it has one. */
async function podOfMigration(room: Room, job = ""): Promise<LiveObject> {
  let pod: LiveObject | undefined;
  const labels = { "app.kubernetes.io/component": "migration" };
  const isThere = async (): Promise<boolean> => {
    const { items } = await admin().list(kinds.Pod, room.namespace, { labels });
    pod = items.find(({ metadata: { name } }) => name.startsWith(job));
    return pod !== undefined;
  };
  await eventually(isThere, 60_000);
  if (pod === undefined) throw new Error("no pod");
  return pod;
}

const patched = (room: Room, spec: object, metadata: object = {}): Promise<LiveObject> =>
  admin().mergePatch(pulp.resource, room.namespace, "one", { spec, metadata }, person);

/** The operator has judged this version of the resource, and said so by a Ready condition with these words. */
const says = (room: Room, { metadata: { generation } }: LiveObject, words: RegExp): Promise<LiveObject> =>
  until(
    admin(),
    pulp.resource,
    room.namespace,
    "one",
    (live) =>
      field(live, "status", "observedGeneration") === generation &&
      words.test(String(conditionOf(live, "Ready", "message"))),
    60_000,
  );

/** What the kubelet would tell of the pod's one container. */
async function container(room: Room, pod: LiveObject, phase: string, state: object): Promise<void> {
  const status = {
    phase,
    containerStatuses: [
      { name: "migrate", image: "i", imageID: "", ready: false, restartCount: 0, started: false, state },
    ],
  };
  const { apiVersion, kind, metadata } = pod;
  const manifest = { apiVersion, kind, metadata: { name: metadata.name }, status };
  await admin().apply(kinds.Pod, room.namespace, manifest, { ...person, subresource: "status" });
}

const runs = { running: { startedAt: "2026-01-01T00:00:00Z" } };
const failed = {
  terminated: {
    exitCode: 1,
    startedAt: "2026-01-01T00:00:00Z",
    finishedAt: "2026-01-01T00:01:00Z",
    message: "no",
  },
};

const selectorOf = (job: LiveObject): unknown => field(job, "spec", "template", "spec", "nodeSelector");
const isComplete = (job: LiveObject): boolean => conditionOf(job, "Complete") === "True";

/** Until the migration is another object than before, and complete. */
const anew = ({ namespace }: Room, { metadata: { name, uid } }: LiveObject): Promise<LiveObject> =>
  until(admin(), kinds.Job, namespace, name, (live) => live.metadata.uid !== uid && isComplete(live), 90_000);

const main = fileURLToPath(new URL("../../apps/pulp-operator/src/main.ts", import.meta.url));

/** What a person is told who asks what the operator would change. */
async function diffOf({ namespace }: Room): Promise<string> {
  const { apiVersion, kind, metadata, spec } = await resourceIn(namespace);
  const own = { name: metadata.name, namespace, annotations: metadata.annotations ?? {} };
  const folder = await mkdtemp(join(tmpdir(), "jobs-"));
  const file = join(folder, "pulp.json");
  await writeFile(file, JSON.stringify({ apiVersion, kind, metadata: own, spec }));
  const flags = ["diff", "-f", file, "-n", namespace, "--kubeconfig", lab.cluster.kubeconfig];
  const ended = await new Promise<{ readonly code: number; readonly words: string }>((resolve) => {
    const argv = ["--conditions=@zuul-pulp/source", main, ...flags];
    execFile(process.execPath, argv, { env: { ...process.env, NO_COLOR: "1" } }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), words: `${out}\n${err}` }),
    );
  });
  await rm(folder, { recursive: true });
  // 1 says that there are differences, anything above that it could not tell.
  if (ended.code > 1) throw new Error(ended.words);
  return ended.words;
}

async function resourceIn(namespace: string): Promise<LiveObject> {
  const live = await admin().get(pulp.resource, namespace, "one");
  if (live === undefined) throw new Error("the resource is gone");
  return live;
}

/** What the operator asked about Jobs since the mark, its watch aside. */
const asked = async (room: Room, mark: number): Promise<readonly Request[]> =>
  (await room.requests(mark)).filter(
    ({ resource, verb }) => resource === "jobs" && verb !== "watch" && verb !== "list",
  );

/** What the operator changed of migrations since the mark, refused attempts aside. What follows on one is another matter. */
const writes = async (room: Room, mark: number): Promise<readonly string[]> =>
  (await room.requests(mark))
    .filter(
      ({ resource, name, verb, isDryRun, code }: Request) =>
        resource === "jobs" &&
        name.startsWith("one-migrate-") &&
        ["create", "patch", "delete"].includes(verb) &&
        !isDryRun &&
        code < 300,
    )
    .map(({ verb, name }) => `${verb} ${name}`);

describe.concurrent("a Job", () => {
  test("that cannot start follows the spec, and begins only when the pods before it are gone", async () => {
    const { room, operator } = await pending("mended");
    const before = await migration(room);
    expect(selectorOf(before)).toEqual(nowhere.nodeSelector);
    const pod = await podOfMigration(room);
    const tracking = "batch.kubernetes.io/job-tracking";
    const hold = { metadata: { finalizers: [tracking, "example.org/hold"] } };
    await admin().mergePatch(kinds.Pod, room.namespace, pod.metadata.name, hold, person);

    const mark = await lab.audit.mark();
    const mended = await patched(room, { worker: { pod: null } });
    await until(
      admin(),
      kinds.Job,
      room.namespace,
      before.metadata.name,
      ({ metadata }) => metadata.deletionTimestamp !== undefined,
    );
    await says(room, mended, /to be deleted/);
    // Killed here, the next process goes on from what it finds.
    await operator.end("SIGKILL");
    await freeLease(room);
    const next = await room.operator();
    await room.quiet(1500);
    expect((await migration(room)).metadata.uid).toBe(before.metadata.uid);

    const release = { metadata: { finalizers: null } };
    await admin().mergePatch(kinds.Pod, room.namespace, pod.metadata.name, release, person);
    const after = await anew(room, before);
    expect(selectorOf(after)).toBeUndefined();
    expect(await writes(room, mark)).toEqual([
      `delete ${before.metadata.name}`,
      `patch ${before.metadata.name}`,
    ]);
    await gone(admin(), kinds.Pod, room.namespace, pod.metadata.name, pod.metadata.uid);
    await next.end();
  }, 240_000);

  test("at work is left to its end, and follows the spec when it fails", async () => {
    const { room, operator } = await pending("at-work");
    const before = await migration(room);
    const pod = await podOfMigration(room);
    await container(room, pod, "Running", runs);
    await room.quiet(1000);
    const mark = await lab.audit.mark();
    await says(room, await patched(room, { worker: { pod: null } }), /migration of the database/);
    await room.quiet(1500);
    expect((await migration(room)).metadata.uid).toBe(before.metadata.uid);
    expect(await asked(room, mark)).toEqual([]);
    expect(await diffOf(room)).not.toContain(`Job ${before.metadata.name}`);

    await container(room, pod, "Failed", failed);
    expect(selectorOf(await anew(room, before))).toBeUndefined();
    expect(await writes(room, mark)).toEqual([
      `delete ${before.metadata.name}`,
      `patch ${before.metadata.name}`,
    ]);
    await operator.end();
  }, 240_000);

  test("that is complete is never touched, by the next process neither", async () => {
    const room = await lab.room(pulp, "complete");
    const operator = await room.operator();
    await room.resource("one");
    const ended = async (): Promise<boolean> => {
      const { items } = await admin().list(kinds.Job, room.namespace);
      return items.length === 2 && items.every(isComplete);
    };
    await eventually(ended, 120_000);
    await room.quiet();
    const mark = await lab.audit.mark();
    const now = await patched(room, { imagePullSecrets: [{ name: "pull" }], security: { runAsUser: 1234 } });
    await says(room, now, /./);
    await room.quiet();
    await operator.end();
    const next = await room.operator();
    await room.quiet();
    expect(await asked(room, mark)).toEqual([]);
    // Nor does anybody say that it would be: its manifest differs, and the server would refuse it.
    expect(await diffOf(room)).not.toContain("Job ");
    await next.end();
  }, 240_000);

  test("that waits is as the next process would have it, and diff shows it as replaced when it would be", async () => {
    const { room, operator } = await pending("diff");
    await room.quiet();
    const mark = await lab.audit.mark();
    await operator.end();
    const next = await room.operator();
    await room.quiet();
    expect(await writes(room, mark)).toEqual([]);
    await next.end();
    await patched(room, { worker: { pod: null } });
    const { metadata } = await migration(room);
    expect(await diffOf(room)).toContain(`Job ${metadata.name} would be replaced`);
  });

  test("waits for one that did the same under another name: one at work ends by itself, any other is deleted", async () => {
    const { room, operator } = await pending("former");
    const first = await migration(room);
    await patched(room, {}, { annotations: { [retryAnnotation]: "once" } });
    await gone(admin(), kinds.Job, room.namespace, first.metadata.name, first.metadata.uid);
    await eventually(async () => (await migrations(room)).length === 1, 60_000);
    const second = await migration(room);
    expect(second.metadata.name).not.toBe(first.metadata.name);

    const pod = await podOfMigration(room);
    expect(word(pod, "metadata", "name")).toContain(second.metadata.name);
    await container(room, pod, "Running", runs);
    await room.quiet(1000);
    await patched(room, { worker: { pod: null } }, { annotations: { [retryAnnotation]: "twice" } });
    await until(
      admin(),
      pulp.resource,
      room.namespace,
      "one",
      (live) => conditionOf(live, "Ready", "reason") === "JobRunning",
      60_000,
    );
    expect((await migration(room)).metadata.uid).toBe(second.metadata.uid);
    await container(room, pod, "Failed", failed);
    await gone(admin(), kinds.Job, room.namespace, second.metadata.name, second.metadata.uid, 60_000);
    await eventually(async () => (await migrations(room)).some(isComplete), 90_000);
    await operator.end();
  }, 240_000);

  // It was deleted as soon as the user went back to a version whose own migration was complete.
  test("at work that nobody wants any more is left to its end, and goes then", async () => {
    const room = await lab.room(pulp, "back");
    const operator = await room.operator();
    await room.resource("one");
    await eventually(async () => (await migrations(room)).some(isComplete), 120_000);
    const first = await migration(room);
    await patched(room, { worker: { pod: nowhere } }, { annotations: { [retryAnnotation]: "once" } });
    const another = async (): Promise<LiveObject | undefined> =>
      (await migrations(room)).find(({ metadata }) => metadata.uid !== first.metadata.uid);
    await eventually(async () => (await another()) !== undefined);
    const second = await another();
    const pod = await podOfMigration(room, second?.metadata.name);
    await container(room, pod, "Running", runs);
    await room.quiet(1000);
    const back = await patched(room, { worker: { pod: null } }, { annotations: { [retryAnnotation]: null } });
    await says(room, back, /./);
    await room.quiet(1500);
    expect((await another())?.metadata).toMatchObject({ uid: second?.metadata.uid });
    expect((await another())?.metadata.deletionTimestamp).toBeUndefined();
    await container(room, pod, "Failed", failed);
    await eventually(async () => (await another()) === undefined);
    expect((await migration(room)).metadata.uid).toBe(first.metadata.uid);
    await operator.end();
  }, 240_000);
});

function only<T>([one, ...others]: readonly T[]): T {
  if (one === undefined || others.length > 0) throw new Error(`${others.length + 1} instead of one`);
  return one;
}

/** The next process need not wait for the dead one, as if fifteen seconds had passed. */
async function freeLease({ namespace }: Room): Promise<void> {
  const lease = await admin().get(kinds.Lease, namespace, "pulp-operator-leader");
  if (lease !== undefined) await admin().delete(kinds.Lease, namespace, lease.metadata);
}
