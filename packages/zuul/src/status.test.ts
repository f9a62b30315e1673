import {
  type Applied,
  type LiveObject,
  type Manifest,
  objectId,
  observe,
  type Plan,
  refOf,
} from "@zuul-pulp/k8s-core/model";
import { describe, expect, test } from "vitest";
import type { ZuulFacts } from "./probe.ts";
import { renderObjects, zuulWith } from "./render.builders.ts";
import { statusOf, type ZuulStatus } from "./status.ts";

const fields = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? { ...value } : {};

/** The object as a server holds it once its controller is done, or while no pod is ready. */
function live(manifest: Manifest, isReady: boolean): LiveObject {
  const replicas = fields(manifest["spec"])["replicas"];
  const readyReplicas = isReady ? replicas : 0;
  return {
    ...manifest,
    metadata: { ...manifest.metadata, uid: manifest.metadata.name, resourceVersion: "1" },
    status: { replicas, readyReplicas, updatedReplicas: replicas, currentReplicas: replicas, phase: "Bound" },
  };
}

function applied(plan: Plan, unready: readonly string[]): Applied {
  const objects = plan.stages.flatMap(({ name, manifests }) =>
    manifests.map((manifest) => {
      const isWorkload = manifest.kind === "StatefulSet" || manifest.kind === "Deployment";
      const isReady = !(isWorkload && unready.includes(manifest.metadata.name));
      const ref = refOf(manifest);
      return [
        objectId(ref),
        { ref, stage: name, outcome: "unchanged" as const, live: live(manifest, isReady) },
      ] as const;
    }),
  );
  return { __brand: "Applied", plan, objects: new Map(objects), pods: [], pruned: [] };
}

const running = {
  programs: ["executor", "scheduler", "web", "fingergw"].map((kind) => ({
    kind,
    hostname: kind,
    state: "running",
    version: "14.3.0",
  })),
  tenants: [{ name: "one", errors: { count: 0, first: [] } }],
} satisfies ZuulFacts;

async function status(
  facts: ZuulFacts | undefined,
  unready: readonly string[] = [],
  spec = {},
): Promise<ZuulStatus> {
  const { zuul, plan } = await renderObjects([
    { kind: "ConfigMap", metadata: { name: "tenants" }, data: { "main.yaml": "[]" } },
    {
      kind: "Secret",
      metadata: { name: "s" },
      stringData: { dburi: "postgresql://u:p@h/d", "ca.crt": "x", "tls.crt": "x", "tls.key": "x" },
    },
    zuulWith({ scheduler: { config: "tenants" }, database: { mode: "single" }, ...spec }),
  ]);
  return statusOf(
    zuul,
    observe(applied(plan, unready), facts === undefined ? undefined : { value: facts, ageMs: 1 }),
  );
}

const condition = ({ conditions }: ZuulStatus, type: string) =>
  conditions.find((candidate) => candidate.type === type);

describe("statusOf()", () => {
  test("is ready when the pods are and Zuul itself says so", async () => {
    const ready = await status(running);
    expect(ready.waiting).toBeUndefined();
    expect(condition(ready, "ConfigValid")).toMatchObject({ status: "True" });
    expect(condition(ready, "RolloutComplete")).toMatchObject({ status: "True" });
    expect(ready.programs).toContainEqual({
      kind: "executor",
      state: "running",
      version: "14.3.0",
      count: 1,
    });
    expect(ready.tenants).toEqual([{ name: "one", configErrors: 0 }]);
    expect(ready.url).toBe("http://zuul-web.default.svc:9000");
  });

  test("waits for Zuul's own word although all pods are ready", async () => {
    expect((await status(undefined)).waiting).toMatchObject({ reason: "WaitingForZuul" });
    const starting = {
      ...running,
      programs: running.programs.map((program) => ({ ...program, state: "initializing" })),
    };
    expect((await status(starting)).waiting?.message).toBe(
      "Waiting for Zuul to report 1 running executor: 0 so far",
    );
  });

  test("names project, file and line of a configuration error, and stays ready", async () => {
    const errors = [{ project: "sandbox", file: "zuul.yaml (main)", line: 3, message: "Unknown job" }];
    const wrong = await status({
      ...running,
      tenants: [{ name: "one", errors: { count: 1, first: errors } }],
    });
    expect(wrong.waiting).toBeUndefined();
    expect(condition(wrong, "ConfigValid")).toMatchObject({
      status: "False",
      reason: "TenantConfigErrors",
      message: "1 configuration error, in tenant one, sandbox, zuul.yaml (main), line 3: Unknown job",
    });
    expect(wrong.tenants).toEqual([{ name: "one", configErrors: 1, errors }]);
  });

  test("is ready by its pods alone where Zuul tells strangers nothing, and does not claim to know of errors", async () => {
    const nothing = await status({});
    expect(nothing.waiting).toBeUndefined();
    expect(nothing.programs).toBeUndefined();
    expect(condition(nothing, "ConfigValid")).toMatchObject({ status: "Unknown", reason: "NotTold" });
    const half = await status({ ...running, tenants: [{ name: "closed" }, ...running.tenants] });
    expect(condition(half, "ConfigValid")).toMatchObject({
      status: "True",
      message: "Loaded without errors: 1 tenant; of 1 more nothing is told",
    });
    expect(half.tenants).toEqual([{ name: "closed" }, { name: "one", configErrors: 0 }]);
  });

  test("names the backing services of others as the likely cause of pods that do not become ready", async () => {
    const external = {
      database: { secretName: "s" },
      zookeeper: { hosts: "zk:2281", tls: { secretName: "s" } },
    };
    const stuck = await status(undefined, ["zuul-scheduler"], external);
    expect(stuck.waiting?.message).toBe(
      'Waiting for zuul-scheduler: 0 of 1 pods ready; it becomes ready only when it reaches ZooKeeper at zk:2281 and the database of Secret "s"',
    );
    expect(stuck.components.find(({ name }) => name === "scheduler")?.waitingFor).toContain(
      "ZooKeeper at zk:2281",
    );
  });

  test("asks nothing of a web server that nobody wants", async () => {
    expect((await status(undefined, [], { web: { count: 0 } })).waiting).toBeUndefined();
  });
});
