/**
 * Every construct against a real API server and real controllers: strict validation of each object, pods admitted in
 * a namespace that enforces `restricted`, and our schema words as a CRD.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  backingImages,
  CacheSingle,
  componentOf,
  type Container,
  Exposure,
  exposeSchema,
  ConfigFiles,
  MariaDbSingle,
  type Member,
  NetworkRules,
  OneShotJob,
  podSpecSchema,
  PostgresSingle,
  ServiceAccountObject,
  storageSchema,
  synthesize,
  Workload,
  ZooKeeperEnsemble,
} from "@zuul-pulp/constructs";
import { type Client, connect, kinds, type KindSpec } from "@zuul-pulp/k8s-core";
import { defineCrd, doc, statusSchema } from "@zuul-pulp/k8s-core/crd";
import type { LiveObject, Manifest } from "@zuul-pulp/k8s-core/model";
import type { Construct } from "constructs";
import { z } from "zod";
import { type Cluster, openCluster } from "../cluster/cluster.ts";

const namespace = "constructs-restricted";
const fieldManager = "constructs-test";
const toy: Member = {
  name: "toy",
  instance: "toy",
  component: "web",
  version: "1.0",
  partOf: "toy",
  managedBy: fieldManager,
};

let cluster: Cluster;
let client: Client;
let close: () => void;

beforeAll(async () => {
  cluster = await openCluster({ provider: "native", nodes: "simulated", log: () => undefined });
  const connection = await connect({ kubeconfig: cluster.kubeconfig, userAgent: "constructs-test" });
  client = connection.client;
  close = () => connection.close();
  const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
  await client.apply(
    kinds.Namespace,
    undefined,
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } },
    { fieldManager },
  );
});

afterAll(async () => {
  close?.();
  await cluster?.down();
});

const container: Container = {
  name: "web",
  image: "example.org/web:1",
  command: ["web"],
  args: ["--echo=$(literal)"],
  env: [
    { name: "LITERAL", value: "$(x)" },
    { name: "NAME", field: "metadata.name" },
    { name: "TOKEN", secretName: "token", key: "token", optional: true },
  ],
  ports: [{ name: "http", port: 8080 }],
  probes: {
    startup: { http: { path: "/", port: "http", headers: { Host: "x" } }, failureThreshold: 30 },
    readiness: { tcp: { port: "http" } },
    liveness: { exec: ["true"], periodSeconds: 20 },
  },
  preStop: ["sleep", "1"],
  mounts: [
    { path: "/etc/a", from: { kind: "configMap", name: "toy-files", items: [{ key: "a", path: "a" }] } },
    { path: "/etc/b", from: { kind: "secret", name: "token", optional: true, mode: 0o400 } },
    { path: "/work", from: { kind: "emptyDir", name: "work", sizeLimit: "1Gi" } },
  ],
  resources: { requests: { cpu: "10m", memory: "16Mi" } },
};

/** Everything that a user may override. */
const overrides = {
  resources: { requests: { cpu: "1" }, limits: { memory: "1Gi" } },
  nodeSelector: { disk: "ssd" },
  tolerations: [{ key: "ci", operator: "Exists" as const }],
  affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
  topologySpreadConstraints: [
    { topologyKey: "zone", maxSkew: 1, whenUnsatisfiable: "ScheduleAnyway" as const },
  ],
  labels: { team: "ci" },
  annotations: { "example.org/note": "x" },
  env: [{ name: "TZ", value: "UTC" }],
  extraVolumes: [{ name: "ca", mountPath: "/etc/ca", configMap: { name: "ca", optional: true } }],
  serviceAccountAnnotations: { "example.org/role": "reader" },
  terminationGracePeriodSeconds: 10,
};

const pod = {
  containers: [container],
  initContainers: [
    { name: "init", image: "example.org/init:1" },
    { name: "side", image: "example.org/side:1", sidecar: true },
  ],
  graceSeconds: 45,
  imagePullSecrets: [{ name: "pull" }],
  hostAliases: [{ ip: "192.0.2.1", hostnames: ["a.example.org"] }],
};

const passwordSecret = { name: "toy-db", key: "password" };
const storage = { size: "1Gi" };
const ports = [{ name: "http", port: 80 }];
const http = [
  { path: "/", service: "toy-web", port: 80 },
  { path: "/api", service: "toy-api", port: 80 },
];

const builds: Readonly<Record<string, (scope: Construct) => unknown>> = {
  "ZooKeeper of three": (scope) =>
    new ZooKeeperEnsemble(scope, "z", {
      name: "toy-zookeeper",
      member: componentOf(toy, "zookeeper", "zookeeper"),
      namespace,
      count: 3,
      image: backingImages.zookeeper,
      storage,
      serverSecret: "toy-zookeeper-server-tls",
    }),
  MariaDB: (scope) =>
    new MariaDbSingle(scope, "m", {
      name: "toy-mariadb",
      member: componentOf(toy, "mariadb", "database"),
      image: backingImages.mariadb,
      storage,
      database: "toy",
      user: "toy",
      passwordSecret,
    }),
  PostgreSQL: (scope) =>
    new PostgresSingle(scope, "p", {
      name: "toy-postgres",
      member: componentOf(toy, "postgres", "database"),
      image: backingImages.postgres,
      storage,
      database: "toy",
      user: "toy",
      passwordSecret,
    }),
  "the cache": (scope) =>
    new CacheSingle(scope, "c", {
      name: "toy-cache",
      member: componentOf(toy, "cache", "cache"),
      image: backingImages.cache,
      passwordSecret,
    }),
  "a Deployment with everything set": (scope) =>
    new Workload(scope, "w", {
      kind: "Deployment",
      name: "toy-web",
      member: toy,
      replicas: 2,
      strategy: { maxSurge: 0, maxUnavailable: 1 },
      disruption: { maxUnavailable: 1 },
      configHash: "0a1b2c3d",
      minReadySeconds: 1,
      progressDeadlineSeconds: 300,
      pod: {
        ...pod,
        overrides,
        security: { runAsUser: 10001, runAsGroup: 10001, fsGroup: 10001, supplementalGroups: [1] },
      },
    }),
  "a StatefulSet with claims": (scope) =>
    new Workload(scope, "w", {
      kind: "StatefulSet",
      name: "toy-set",
      member: { ...toy, component: "set", shard: "a" },
      replicas: 2,
      strategy: { partition: 1 },
      podManagementPolicy: "Parallel",
      volumeClaims: [{ name: "data", size: "1Gi", storageClassName: "fast", accessMode: "ReadWriteOncePod" }],
      deletionPolicy: "Delete",
      pod,
    }),
  "a Job": (scope) =>
    new OneShotJob(scope, "j", {
      name: "toy-migrate-0a1b2c3d",
      member: { ...toy, component: "migration" },
      pod,
      activeDeadlineSeconds: 600,
      ttlSecondsAfterFinished: 600,
      onExit: [{ codes: [75], action: "ignore" }],
    }),
  "a NodePort": (scope) =>
    new Exposure(scope, "e", {
      name: "toy-np",
      member: toy,
      expose: { type: "NodePort", nodePort: 30987 },
      service: { ports },
    }),
  "a load balancer": (scope) =>
    new Exposure(scope, "e", {
      name: "toy-lb",
      member: toy,
      expose: {
        type: "LoadBalancer",
        annotations: { a: "b" },
        loadBalancerClass: "example.org/lb",
        loadBalancerSourceRanges: ["192.0.2.0/24"],
        externalTrafficPolicy: "Local",
      },
      service: { ports },
    }),
  "an Ingress": (scope) =>
    new Exposure(scope, "e", {
      name: "toy-ing",
      member: toy,
      expose: { type: "Ingress", host: "toy.example.org", tls: { secretName: "tls" }, className: "nginx" },
      http,
    }),
  "network rules": (scope) =>
    new NetworkRules(scope, "n", {
      name: "toy-rules",
      member: toy,
      ingress: [{ from: "anywhere", ports: [{ port: 8080 }] }, { from: [toy] }],
      egress: [{ to: "namespace", ports: [{ port: 53, protocol: "UDP" }] }],
    }),
  "files and an account": (scope) => [
    new ConfigFiles(scope, "f", { name: "toy-files", member: toy, files: { a: "1" } }),
    new ServiceAccountObject(scope, "s", { name: "toy", member: toy }),
  ],
};

const manifestsOf = (build: (scope: Construct) => unknown): Manifest[] =>
  synthesize((scope) => void build(scope), { namespace });

/** The kind as the client wants it. */
function kindOf(manifest: Manifest): KindSpec {
  const found = Object.values(kinds).find(
    (kind) => kind.kind === manifest.kind && kind.apiVersion === manifest.apiVersion,
  );
  if (found === undefined) throw new Error(`no kind ${manifest.apiVersion} ${manifest.kind}`);
  return found;
}

describe.each(Object.entries(builds))("%s", (_, build) => {
  test("is accepted by strict validation, and a second apply would change nothing", async () => {
    for (const manifest of manifestsOf(build)) {
      const kind = kindOf(manifest);
      const first = await client.apply(kind, namespace, manifest, { fieldManager });
      const again = await client.apply(kind, namespace, manifest, { fieldManager, dryRun: true });
      expect(again.object["spec"]).toEqual(first.object["spec"]);
      expect(ownFields(again.object)).toEqual(ownFields(first.object));
    }
  });

  test("gets its pods in a namespace that enforces the restricted profile", async () => {
    for (const manifest of manifestsOf(build).filter(({ kind }) => workloads.includes(kind))) {
      await vi.waitFor(async () => expect(podsOf(await liveOf(manifest))).toBeGreaterThan(0), waiting);
    }
  });
});

const workloads = ["Deployment", "StatefulSet", "Job"];
const waiting = { timeout: 120_000, interval: 100 };

const liveOf = (manifest: Manifest) => client.get(kindOf(manifest), namespace, manifest.metadata.name);

const ownFields = (object: LiveObject) =>
  object.metadata.managedFields
    ?.filter(({ manager, operation }) => manager === fieldManager && operation === "Apply")
    .map(({ fieldsV1 }) => fieldsV1);

/** Pods that the controller of the workload was allowed to make. */
function podsOf(live: LiveObject | undefined): number {
  const { replicas, active, succeeded, failed } = counts.parse(live?.["status"] ?? {});
  return replicas + active + succeeded + failed;
}

const count = z.number().default(0);
const counts = z.object({ replicas: count, active: count, succeeded: count, failed: count });

const definition = defineCrd({
  group: "constructs.example.org",
  kind: "Toy",
  plural: "toys",
  version: "v1alpha1",
  scope: "Namespaced",
  status: statusSchema(),
  printerColumns: [],
  spec: z.object({
    pod: doc("Pods.", podSpecSchema().optional()),
    storage: doc("Storage.", storageSchema({ size: "5Gi" }).prefault({})),
    expose: doc(
      "Exposure.",
      exposeSchema(["ClusterIP", "NodePort", "LoadBalancer", "Ingress", "Gateway"]).prefault({}),
    ),
  }),
});
const toys: KindSpec = { apiVersion: definition.apiVersion, kind: "Toy", plural: "toys", namespaced: true };
const toyOf = (name: string, spec: object): Manifest => ({
  apiVersion: definition.apiVersion,
  kind: "Toy",
  metadata: { name, namespace },
  spec,
});

describe("the words that specs take from here", () => {
  const applied = (name: string, spec: object) =>
    client.apply(toys, namespace, toyOf(name, spec), { fieldManager });

  beforeAll(async () => {
    await client.apply(kinds.CustomResourceDefinition, undefined, definition.toCrd(), { fieldManager });
    await vi.waitFor(() => applied("served", {}), waiting);
  });

  test("are filled in by the server as by the parser", async () => {
    const { object } = await applied("defaults", {});
    expect(object["spec"]).toEqual(definition.parse(toyOf("defaults", {})).spec);
  });

  test("take everything that a user may override", async () => {
    const { object } = await applied("overridden", { pod: overrides });
    expect(object["spec"]).toMatchObject({ pod: overrides });
  });

  test("let a volume grow, but not shrink or change its class", async () => {
    await applied("growing", { storage: { size: "5Gi" } });
    await applied("growing", { storage: { size: "6144Mi" } });
    await expect(applied("growing", { storage: { size: "5Gi" } })).rejects.toThrow();
    await expect(applied("growing", { storage: { size: "6Gi", storageClassName: "x" } })).rejects.toThrow();
  });

  test.each([
    [
      "a volume from two sources",
      { pod: { extraVolumes: [{ name: "v", mountPath: "/v", emptyDir: {}, secret: { secretName: "s" } }] } },
    ],
    [
      "a path of the host",
      { pod: { extraVolumes: [{ name: "v", mountPath: "/v", hostPath: { path: "/" } }] } },
    ],
    ["a service account of one's choice", { pod: { serviceAccountName: "admin" } }],
    ["an Ingress without a host", { expose: { type: "Ingress" } }],
    ["a Gateway without a name", { expose: { type: "Gateway", host: "p.example.org" } }],
  ])("refuse %s, on both sides", async (_, spec) => {
    expect(() => definition.parse(toyOf("refused", spec))).toThrow();
    await expect(applied("refused", spec)).rejects.toThrow();
  });
});
