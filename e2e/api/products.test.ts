/**
 * The engine under both real operators, as bundles in the shape of a pod, each with the rights of an installation: what
 * the API server's audit log has to say about them. Pods are simulated; the rooms of both products work side by side.
 */
import { setTimeout as pause } from "node:timers/promises";
import { type Client, homeRules, kinds, rulesFor } from "@zuul-pulp/k8s-core";
import type { LiveObject } from "@zuul-pulp/k8s-core/model";
import { type Lab, openLab } from "../lab/lab.ts";
import { type Product, products } from "../lab/product.ts";
import type { Room } from "../lab/room.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isIdle, isWrite, type Request } from "../lab/audit.ts";
import {
  type Child,
  childrenOf,
  deleted,
  isKeptAsApplied,
  mayBeDeleted,
  oneOfEach,
  shapeOf,
  strayOf,
} from "../lab/children.ts";
import { eventually, until } from "../lab/look.ts";
import { person } from "../lab/person.ts";
import { pairsOf, rightsUsed } from "../lab/rights.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab(() => undefined, new AbortController().signal);
}, 300_000);
afterAll(async () => await lab[Symbol.asyncDispose]());

const admin = (): Client => lab.admin;

/** A room with one resource installed and its operator at rest. */
async function installed(product: Product, purpose: string, name = "one") {
  const room = await lab.room(product, purpose);
  await room.references();
  const operator = await room.operator();
  const mark = await lab.audit.mark();
  await room.resource(name);
  await room.carriedOut(name);
  return { room, operator, mark };
}

/** Writes of objects that the operator made, their status and its events aside. */
const childWrites = (product: Product, requests: readonly Request[]): readonly Request[] =>
  requests.filter(
    (request) =>
      isWrite(request) &&
      request.subresource === "" &&
      request.resource !== "events" &&
      request.resource !== product.resource.plural,
  );

const children = (room: Room, name = "one"): Promise<readonly Child[]> =>
  childrenOf(admin(), room.product.operator, room.namespace, name);

/** `12:00:01.250 patch deployments one-web: 200`. */
const inWords = ({ receivedMs, verb, resource, subresource, name, code }: Request): string =>
  `${new Date(receivedMs).toISOString().slice(11, 23)} ${verb} ${resource} ${name} ${subresource}: ${code}`;

const two = products.map((product) => [product.app, product] as const);

describe.concurrent.each(two)("%s", (_, product) => {
  test("writes each child once, then nothing for two minutes, and nothing after a restart", async () => {
    const { room, operator, mark } = await installed(product, "steady");
    const install = await room.requests(mark);
    const made = childWrites(product, install).map(({ resource, name }) => `${resource}/${name}`);
    expect(made.toSorted()).toEqual([...new Set(made)].toSorted());
    expect(made.length).toBeGreaterThan(20);
    const onChildren = install.filter(
      (request) =>
        !isIdle(request) && request.resource !== product.resource.plural && request.resource !== "events",
    );
    expect(onChildren.length).toBeLessThanOrEqual(Math.ceil((made.length * 60) / 40));

    const rest = await lab.audit.mark();
    // Steady state is time in which nothing happens.
    await pause(120_000);
    expect((await room.requests(rest)).filter((request) => !isIdle(request)).map(inWords)).toEqual([]);

    const restart = await lab.audit.mark();
    await operator.end();
    const again = await room.operator();
    await room.quiet(3000);
    expect((await room.requests(restart)).filter(isWrite).map(inWords)).toEqual([]);
    await again.end();
  }, 400_000);

  test("ends ten installs that SIGKILL cut at random moments as one that nobody cut", async () => {
    const { room, operator } = await installed(product, "killed", "calm");
    const calm = shapeOf(await children(room, "calm"), "calm");
    await operator.end();
    const names = Array.from({ length: 10 }, (_value, round) => `wild${round}`);
    for (const name of names) {
      await room.resource(name);
      const doomed = await room.operator();
      await pause(Math.random() * 2000);
      await doomed.end("SIGKILL");
      await freeLease(product, room);
    }
    const last = await room.operator();
    for (const name of names) await room.carriedOut(name, 0);
    await room.quiet(4000);
    for (const name of names) expect(shapeOf(await children(room, name), name)).toEqual(calm);
    await last.end();
  }, 600_000);

  test("brings every kind of child back, undoes edits of what is its own, keeps what is others', uses all its rights", async () => {
    const room = await lab.room(product, "children");
    await room.references();
    const operator = await room.operator();
    const { apiVersion, kind } = product.resource;
    const whole = withAllKinds(product);
    await admin().apply(product.resource, room.namespace, { ...whole, apiVersion, kind }, person);
    await room.carriedOut("one");

    for (const child of oneOfEach((await children(room)).filter(mayBeDeleted))) await isBack(room, child);

    const applied = (await children(room)).filter((child) => isKeptAsApplied(child, product.app));
    for (const child of oneOfEach(applied)) await isRepaired(room, child);

    const owner = await resourceOf(product, room);
    const reference = { apiVersion, kind, name: "one", uid: owner.metadata.uid, controller: true };
    const wanted = { spec: { deletionPolicy: "Delete" } };
    await admin().mergePatch(product.resource, room.namespace, "one", wanted, person);
    await room.quiet(2000);
    for (const child of oneOfEach(await children(room))) {
      if (child.kind === kinds.Pod) continue;
      await admin().create(child.kind, room.namespace, strayOf(child, reference), person);
      const isGone = async (): Promise<boolean> => {
        const left = await admin().get(child.kind, room.namespace, `stray-${child.kind.plural}`);
        return left === undefined || left.metadata.deletionTimestamp !== undefined;
      };
      await eventually(isGone).catch(async () => {
        const { status } = await resourceOf(product, room);
        expect.fail(`nobody prunes a stray ${child.kind.kind}: ${JSON.stringify(status)}`);
      });
    }
    await room.quiet(2000);
    await operator.end();

    const login = new RegExp(`^system:serviceaccount:${room.namespace}:${product.app}$`);
    const { pairs, denied } = await rightsUsed(lab.cluster, login, `${product.app}/`);
    const granted = [...rulesFor(product.operator.controllers), ...homeRules(product.app)];
    expect(denied).toEqual([]);
    // Lists are for servers that cannot stream, the watch of the Lease is for a standby: operator.test.ts has both.
    const isUsedElsewhere = (pair: string): boolean =>
      pair.startsWith("list ") || pair.startsWith("watch leases");
    expect(pairsOf(granted).filter((pair) => !pairs.has(pair) && !isUsedElsewhere(pair))).toEqual([
      // No request: admission on OpenShift asks whether an owner reference may block the deletion of its owner.
      `update ${product.resource.plural}.${apiVersion.split("/")[0]}/finalizers`,
    ]);
  }, 400_000);
});

const resourceOf = async ({ resource }: Product, { namespace }: Room): Promise<LiveObject> => {
  const found = await admin().get(resource, namespace, "one");
  if (found === undefined) throw new Error("the resource is gone");
  return found;
};

/** The sample with every kind of child: an Ingress, an account for cloud rights, a budget for more than one pod. */
function withAllKinds(product: Product) {
  const sample = product.manifest("one");
  const spec = Object(sample["spec"]);
  const expose = { type: "Ingress", host: `${product.resource.plural}.example.org` };
  const pod = { serviceAccountAnnotations: { "iam.example.org/role": "reader" } };
  const more =
    "executor" in spec
      ? { web: { ...spec.web, expose, pod }, merger: { ...spec.merger, count: 2 } }
      : { expose, api: { replicas: 2, pod } };
  return { ...sample, spec: { ...spec, ...more } };
}

/** The next process need not wait for the dead one, as if fifteen seconds had passed. */
async function freeLease(product: Product, { namespace }: Room): Promise<void> {
  const lease = await admin().get(kinds.Lease, namespace, `${product.app}-leader`);
  if (lease !== undefined) await admin().delete(kinds.Lease, namespace, lease.metadata);
}

async function isBack(room: Room, child: Child): Promise<void> {
  const { kind, live } = child;
  const { name, uid } = live.metadata;
  await deleted(admin(), child, room.namespace);
  await until(admin(), kind, room.namespace, name, (now) => now.metadata.uid !== uid);
}

/** Somebody takes over a label of ours and adds what a mesh, a GitOps tool and an autoscaler add. */
async function isRepaired(room: Room, { kind, live }: Child): Promise<void> {
  const { name } = live.metadata;
  const mine = live.metadata.labels?.["app.kubernetes.io/component"];
  const edit = {
    metadata: {
      annotations: { "mesh.example.org/injected": "yes" },
      labels: { "argocd.argoproj.io/instance": "x", "app.kubernetes.io/component": "elsewhere" },
    },
  };
  await admin().mergePatch(kind, room.namespace, name, edit, { fieldManager: "gitops" });
  const repaired = await until(
    admin(),
    kind,
    room.namespace,
    name,
    ({ metadata }) => metadata.labels?.["app.kubernetes.io/component"] === mine,
  );
  expect(repaired.metadata.annotations?.["mesh.example.org/injected"]).toBe("yes");
  expect(repaired.metadata.labels?.["argocd.argoproj.io/instance"]).toBe("x");
}
