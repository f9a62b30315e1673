import { describe, expect, test } from "vitest";
import type { LiveObject } from "./manifest.ts";
import { isObjectReady } from "./readiness.ts";

const deployment = (status: Readonly<Record<string, number>>): LiveObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "api", uid: "u", resourceVersion: "1", generation: 2 },
  spec: { replicas: 2 },
  status: { observedGeneration: 2, replicas: 2, updatedReplicas: 2, readyReplicas: 2, ...status },
});

describe("isObjectReady()", () => {
  test.each([
    ["what it lacks first: the new version", { updatedReplicas: 1 }, "api: 1 of 2 pods updated"],
    ["pods that are not ready", { readyReplicas: 1 }, "api: 1 of 2 pods ready"],
    ["pods of the version before that still run", { replicas: 3 }, "api: 1 former pods to go"],
    ["a spec that nobody has seen yet", { observedGeneration: 1 }, "api: its controller to take note"],
  ])("tells of a Deployment %s", (_, status, waitingFor) => {
    expect(isObjectReady(deployment(status))).toMatchObject({ ready: false, waitingFor });
  });

  test("is content when all pods are of this version and ready", () => {
    expect(isObjectReady(deployment({})).ready).toBe(true);
  });
});
