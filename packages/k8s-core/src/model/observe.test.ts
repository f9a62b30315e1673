import { describe, expect, test } from "vitest";
import type { Applied } from "./applied.ts";
import { type LiveObject, objectId } from "./manifest.ts";
import { observe } from "./observe.ts";

const labels = { "app.kubernetes.io/component": "web" };
const deployment: LiveObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "a", uid: "u", resourceVersion: "1", generation: 1, labels },
  spec: { replicas: 1 },
  status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 0 },
};
const crashing = (name: string, metadata: object): LiveObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, uid: name, resourceVersion: "1", labels, ...metadata },
  status: { containerStatuses: [{ state: { waiting: { reason: "CrashLoopBackOff" } } }] },
});

const wordsAbout = (...pods: readonly LiveObject[]) => {
  const ref = { apiVersion: "apps/v1", kind: "Deployment", name: "a" };
  const applied: Applied = {
    __brand: "Applied",
    plan: { stages: [], notices: [], deletionPolicy: "Retain" },
    objects: new Map([[objectId(ref), { ref, stage: "s", outcome: "unchanged", live: deployment }]]),
    pods,
    pruned: [],
  };
  return observe(applied, undefined).waiting?.message;
};

describe("observe()", () => {
  test("tells why the pods of a workload do not run", () => {
    expect(wordsAbout(crashing("a-1", {}))).toBe("Waiting for pod a-1: CrashLoopBackOff");
  });

  test("tells no trouble of a pod that goes", () => {
    expect(wordsAbout(crashing("a-1", { deletionTimestamp: "2026-01-01T00:00:00Z" }))).toBe(
      "Waiting for a: 0 of 1 pods ready",
    );
  });
});
