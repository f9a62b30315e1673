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
import type { PulpConfig } from "./config.ts";
import { migrationName } from "./jobs.ts";
import { factsOf, probePulp, type PulpFacts, sameFacts } from "./probe.ts";
import { pulpWith, renderObjects, secret } from "./render.builders.ts";
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
  const database = { host: "h", port: "5432", user: "u", password: "p", dbname: "d", sslmode: "require" };
  const { pulp, config, plan } = await renderObjects([pulpWith(spec), secret("db", database)]);
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
    pods: [...running(config), ...pods],
    pruned: [],
  };
  return {
    status: statusOf(pulp, config, observe(applied, facts)),
    migration: migrationName(pulp, config),
    hash: config.processes.api.hash,
  };
}

/** The pods that `page` speaks of. */
function running({ processes }: PulpConfig): readonly LiveObject[] {
  return (["api", "content", "worker"] as const).map((component) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `pulp-${component}-a`,
      uid: "u",
      resourceVersion: "1",
      labels: { "app.kubernetes.io/component": component },
      annotations: { "operators.zuul-pulp.io/config-hash": processes[component].hash },
    },
  }));
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

  test("waits for the pods that are there now, though Pulp still counts those before them", async () => {
    const facts = { value: factsOf({ ...page, online_api_apps: [{ name: "1@pulp-api-before" }] }), ageMs: 0 };
    expect((await statusIn({ facts })).status.waiting?.message).toBe(
      "Waiting for Pulp to count 1 api pods as online: 0 so far",
    );
  });

  test("counts as online what a pod that is there can run, and not what was killed and Pulp still lists", async () => {
    const processes = (...names: readonly string[]) => names.map((name) => ({ name }));
    const evicted: LiveObject = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "pulp-worker-evicted", uid: "u", resourceVersion: "1" },
      status: { phase: "Failed" },
    };
    const listed = {
      ...page,
      // Two of them from before the container of this pod was restarted, one of a pod that is gone.
      online_api_apps: processes("1@pulp-api-a", "2@pulp-api-a", "8@pulp-api-a", "9@pulp-api-gone"),
      online_workers: processes("7@pulp-worker-a", "7@pulp-worker-a", "7@pulp-worker-evicted"),
    };
    const { status } = await statusIn({ facts: { value: factsOf(listed), ageMs: 0 }, pods: [evicted] });
    expect(status).toMatchObject({ online: { apiProcesses: 2, contentProcesses: 1, workers: 1 } });
    // What Pulp drops later changes nothing.
    expect(status).toEqual((await statusIn({})).status);
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

  const ended = (name: string, terminated: Readonly<Record<string, unknown>>): LiveObject => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, uid: "u", resourceVersion: "1" },
    status: {
      containerStatuses: [{ state: { terminated: { finishedAt: "2026-01-01T00:00:00Z", ...terminated } } }],
    },
  });
  const failed = {
    "Job/pulp-migrate": { status: { conditions: [{ type: "Failed", status: "True", message: "x" }] } },
  };
  const running = { "Job/pulp-migrate": { status: { conditions: [] } } };

  test("tells the last words of a migration that failed", async () => {
    const { migration } = await statusIn({});
    const pods = [ended(`${migration}-abcde`, { exitCode: 1, message: "stack\nrelation exists\n" })];
    const { status } = await statusIn({ pods, unready: failed });
    expect(status.waiting).toEqual({
      reason: "MigrationFailed",
      message:
        "The migration to 3.123.1 failed: stack | relation exists; what ran before serves on; to try again, change annotation pulpproject.org/retry-migration",
      stalled: true,
    });
  });

  test.each([
    [75, running, "DatabaseUnreachable", 'Secret "db" (spec.database.secretName)'],
    [76, failed, "DatabaseTooOld", "(spec.database)"],
    [77, failed, "ImageUnsuitable", "(spec.image)"],
    [78, running, "SettingsRefused", "(spec.settings)"],
    [79, failed, "WrongEncryptionKey", "(spec.fieldEncryptionKey)"],
    [80, failed, "PluginMissing", "(spec.image, spec.settings.ENABLED_PLUGINS)"],
    [81, failed, "PluginTooOld", "(spec.image)"],
    [1, running, "MigrationRetrying", "3.123.1"],
  ])(
    "explains a migration that ended with %i, and where to look",
    async (exitCode, unready, reason, place) => {
      const spec = { database: { secretName: "db" } };
      const { migration } = await statusIn({ spec });
      const pods = [ended(`${migration}-abcde`, { exitCode, message: "its words" })];
      const { status } = await statusIn({ spec, pods, unready });
      expect(status.waiting?.reason).toBe(reason);
      expect(status.waiting?.message).toContain("its words");
      expect(status.waiting?.message).toContain(place);
    },
  );

  const podOf = (component: string, status: Readonly<Record<string, unknown>>): LiveObject => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `pulp-${component}-x`,
      uid: "u",
      resourceVersion: "1",
      labels: { "app.kubernetes.io/component": component },
    },
    status,
  });

  test.each([
    ["api", "spec.image, spec.version"],
    ["migration", "spec.image, spec.version"],
    ["web", "spec.web.image"],
    ["database", "spec.database.single.image"],
  ])("names the field of an image of %s that is not there", async (component, field) => {
    const { hash } = await statusIn({});
    const waiting = { reason: "ImagePullBackOff", message: "not found" };
    const pod = podOf(component, {
      containerStatuses: [{ ready: false, image: "example.org/x:1", state: { waiting } }],
    });
    const annotations = { "operators.zuul-pulp.io/config-hash": hash };
    const { status } = await statusIn({ pods: [{ ...pod, metadata: { ...pod.metadata, annotations } }] });
    expect(status.waiting).toEqual({
      reason: "ImageUnavailable",
      message: `Image example.org/x:1 cannot be pulled (${field}): not found: correct it, or name its Secret in spec.imagePullSecrets`,
    });
  });

  test("does not speak of the image of a migration that is no longer wanted", async () => {
    const waiting = { reason: "ErrImagePull", message: "not found" };
    const pod = podOf("migration", { containerStatuses: [{ ready: false, image: "x", state: { waiting } }] });
    const labels = { ...pod.metadata.labels, "batch.kubernetes.io/job-name": "pulp-migrate-before" };
    const { status } = await statusIn({ pods: [{ ...pod, metadata: { ...pod.metadata, labels } }] });
    expect(status.waiting).toBeUndefined();
  });

  test("blames the settings when a pod found that Pulp refuses them, but not for those before", async () => {
    const { status: before, hash } = await statusIn({});
    expect(before.waiting).toBeUndefined();
    const lastState = { terminated: { exitCode: 78, message: "ImproperlyConfigured: no such checksum" } };
    const pod = podOf("api", { initContainerStatuses: [{ ready: false, lastState }] });
    const annotated = (configHash: string): LiveObject => ({
      ...pod,
      metadata: { ...pod.metadata, annotations: { "operators.zuul-pulp.io/config-hash": configHash } },
    });
    const { status } = await statusIn({ pods: [annotated(hash)] });
    expect(status.waiting?.reason).toBe("SettingsRefused");
    expect(status.waiting?.message).toContain("(spec.settings): ImproperlyConfigured: no such checksum");
    expect((await statusIn({ pods: [annotated("former")] })).status.waiting).toBeUndefined();
  });

  test("records database and storage only once there is something to lose", async () => {
    const s3 = { bucket: "bucket", endpoint: "http://s3:9000" };
    const empty = { value: factsOf({ ...page, storage: { used: 0 } }), ageMs: 0 };
    expect((await statusIn({ spec: { storage: { s3 } }, facts: empty })).status.storage).toBeUndefined();
    expect((await statusIn({ spec: { storage: { s3 } } })).status.storage).toBe("s3:bucket");
    expect((await statusIn({ unready: running })).status.database).toBeUndefined();
  });

  test("says when a volume is being grown, and stays ready", async () => {
    const claim = {
      spec: { storageClassName: "x", resources: { requests: { storage: "200Gi" } } },
      status: { phase: "Bound", capacity: { storage: "100Gi" } },
    };
    const { status } = await statusIn({ unready: { "PersistentVolumeClaim/pulp-storage": claim } });
    expect(status.waiting).toBeUndefined();
    expect(status.conditions).toContainEqual(
      expect.objectContaining({ type: "DependenciesReady", reason: "VolumeGrowing" }),
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
