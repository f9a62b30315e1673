import {
  type Applied,
  type AppliedObject,
  type Facts,
  type LiveObject,
  manifestsOf,
  objectId,
  observe,
  refOf,
} from "@zuul-pulp/k8s-core/model";
import { describe, expect, test } from "vitest";
import { migrationName } from "./jobs.ts";
import { factsOf, probePulp, type PulpFacts, sameFacts } from "./probe.ts";
import { pulpWith, renderObjects } from "./render.builders.ts";
import { statusOf } from "./status.ts";

const page = {
  versions: [
    { component: "core", version: "3.123.1" },
    { component: "file", version: "3.123.1" },
  ],
  online_workers: [{ name: "7@pulp-worker-a" }],
  online_api_apps: [{ name: "1@pulp-api-a" }, { name: "2@pulp-api-a" }],
  online_content_apps: [{ name: "1@pulp-content-a" }],
  redis_connection: { connected: true },
  storage: { total: 2 ** 40, used: 2 ** 30, free: null },
  content_settings: { content_origin: "http://pulp.example.com" },
};

interface Story {
  readonly spec?: Readonly<Record<string, unknown>>;
  /** By kind and start of the name. */
  readonly unready?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly facts?: Facts<PulpFacts> | undefined;
  readonly pods?: readonly LiveObject[];
}

const fresh: Facts<PulpFacts> = { value: factsOf(page), ageMs: 1000 };

/** The status of a Pulp whose objects are all ready, except as told. */
async function statusIn({
  spec = { expose: { type: "NodePort", host: "h.example.com", nodePort: 31000 } },
  unready = {},
  pods = [],
  ...rest
}: Story) {
  const { pulp, config, plan } = await renderObjects([pulpWith(spec)]);
  const facts = "facts" in rest ? rest.facts : fresh;
  const objects = manifestsOf(plan).map((manifest): AppliedObject => {
    const ref = refOf(manifest);
    const told = Object.entries(unready).find(([name]) => `${ref.kind}/${ref.name}`.startsWith(name))?.[1];
    const live: LiveObject = {
      ...manifest,
      metadata: { ...manifest.metadata, uid: "u", resourceVersion: "1", generation: 1 },
      ...readyStatus(manifest["spec"]),
      ...told,
    };
    return { ref, stage: "x", outcome: "unchanged", live };
  });
  const applied: Applied = {
    __brand: "Applied",
    plan,
    objects: new Map(objects.map((object) => [objectId(object.ref), object])),
    pods,
    pruned: [],
  };
  return { status: statusOf(pulp, config, observe(applied, facts)), migration: migrationName(pulp, config) };
}

function readyStatus(spec: unknown): Readonly<Record<string, unknown>> {
  const replicas = typeof spec === "object" && spec !== null && "replicas" in spec ? spec.replicas : 1;
  const counts = { replicas, readyReplicas: replicas, updatedReplicas: replicas, currentReplicas: replicas };
  return {
    status: {
      ...counts,
      observedGeneration: 1,
      phase: "Bound",
      conditions: [{ type: "Complete", status: "True" }],
    },
  };
}

describe("statusOf()", () => {
  test("is ready when the objects are and Pulp itself counts all its processes", async () => {
    const { status } = await statusIn({});
    expect(status.waiting).toBeUndefined();
    expect(status).toMatchObject({
      version: "3.123.1",
      url: "http://h.example.com:31000",
      database: "pulp-database:5432/pulp",
      storage: "filesystem",
    });
    expect(status).toMatchObject({
      online: { apiProcesses: 2, contentProcesses: 1, workers: 1 },
      storageUsage: { usedMiB: 1020 },
    });
  });

  test("waits until Pulp has said something", async () => {
    expect((await statusIn({ facts: undefined })).status.waiting).toMatchObject({ reason: "WaitingForPulp" });
  });

  test("waits for a worker that Pulp does not count, though its pod runs", async () => {
    const facts = { value: factsOf({ ...page, online_workers: [] }), ageMs: 0 };
    expect((await statusIn({ facts })).status.waiting?.message).toBe(
      "Waiting for Pulp to count 1 worker pods as online: 0 so far",
    );
  });

  test("names the database when the status page answers 500, and not the crash loops that follow", async () => {
    const unready = {
      "Deployment/pulp-api": {
        status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 0 },
      },
    };
    const { status } = await statusIn({ unready, facts: { ...fresh, error: "Pulp's api answered 500" } });
    expect(status.waiting?.reason).toBe("DatabaseUnreachable");
    expect(status.conditions.find(({ type }) => type === "DependenciesReady")?.status).toBe("False");
  });

  test("names the database from the last words of processes that it took along", async () => {
    const pod = (ready: boolean): LiveObject => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "pulp-api-x", uid: "u", resourceVersion: "1" },
      status: {
        containerStatuses: [
          {
            ready,
            lastState: {
              terminated: { message: 'Traceback\nconnection to server at "db", port 5432 failed: timeout\n' },
            },
          },
        ],
      },
    });
    const facts = { ...fresh, error: "connect ECONNREFUSED" };
    const gone = await statusIn({ facts, pods: [pod(false)] });
    expect(gone.status.waiting).toEqual({
      reason: "DatabaseUnreachable",
      message: 'Waiting for the database: connection to server at "db", port 5432 failed: timeout',
    });
    expect((await statusIn({ facts, pods: [pod(true)] })).status.waiting?.reason).toBe("WaitingForPulp");
  });

  test("stays ready without its cache, and says so", async () => {
    const facts = { value: factsOf({ ...page, redis_connection: { connected: false } }), ageMs: 0 };
    const { status } = await statusIn({ facts });
    expect(status.waiting).toBeUndefined();
    expect(status.conditions.find(({ type }) => type === "DependenciesReady")?.reason).toBe(
      "CacheUnreachable",
    );
  });

  test("tells the last words of a migration that failed", async () => {
    const { migration } = await statusIn({});
    const pod: LiveObject = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: `${migration}-abcde`, uid: "u", resourceVersion: "1" },
      status: {
        containerStatuses: [
          {
            state: {
              terminated: { exitCode: 76, finishedAt: "2026-01-01T00:00:00Z", message: "stack\ntoo old\n" },
            },
          },
        ],
      },
    };
    const failed = { status: { conditions: [{ type: "Failed", status: "True", message: "x" }] } };
    const { status } = await statusIn({ pods: [pod], unready: { "Job/pulp-migrate": failed } });
    expect(status.waiting).toMatchObject({ reason: "MigrationFailed", stalled: true });
    expect(status.waiting?.message).toBe(
      "The migration to 3.123.1 failed: stack | too old; what ran before is untouched",
    );
  });

  test("explains a claim that nobody will ever bind", async () => {
    const unready = { "PersistentVolumeClaim/pulp-storage": { status: { phase: "Pending" } } };
    const { status } = await statusIn({ unready });
    expect(status.waiting?.reason).toBe("NoStorageClass");
    expect(status.waiting?.message).toContain("set spec.storage.filesystem.storageClassName");
  });

  test("waits for an address that the cluster has not assigned", async () => {
    expect((await statusIn({ spec: { expose: { type: "NodePort" } } })).status.waiting?.reason).toBe(
      "AddressPending",
    );
  });
});

describe("probePulp()", () => {
  test("does without the queue when the password is not accepted yet", async () => {
    const facts = await probePulp({
      status: async () => page,
      tasks: () => Promise.reject(new Error("401")),
    });
    expect(facts.tasks).toBeUndefined();
    expect(facts.versions).toEqual({ core: "3.123.1", file: "3.123.1" });
  });

  test("counts the queue", async () => {
    const facts = await probePulp({
      status: async () => page,
      tasks: async (query) => ({ count: query.includes("waiting") ? 5 : 1 }),
    });
    expect(facts.tasks).toEqual({ waiting: 5, running: 1 });
  });

  test("survives a page with nothing in it", async () => {
    expect(factsOf({})).toMatchObject({ versions: {}, workers: [], storage: {} });
  });
});

describe("sameFacts()", () => {
  const facts = factsOf(page);

  test("does not mind processes that restart within their pod, nor a disk that breathes", () => {
    expect(sameFacts(facts, { ...facts, workers: ["9@pulp-worker-a"] })).toBe(true);
    expect(sameFacts(facts, { ...facts, storage: { ...facts.storage, usedMiB: 1030 } })).toBe(true);
  });

  test("minds a pod that went, and a disk that fills", () => {
    expect(sameFacts(facts, { ...facts, workers: [] })).toBe(false);
    expect(sameFacts(facts, { ...facts, storage: { ...facts.storage, usedMiB: 2000 } })).toBe(false);
  });
});
