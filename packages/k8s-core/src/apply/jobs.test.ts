import { describe, expect, test } from "vitest";
import { type LiveObject, type Manifest, objectId } from "../model/manifest.ts";
import { formerOf, isLeftAlone } from "./jobs.ts";

const component = { "app.kubernetes.io/component": "migration" };

const job = (name: string, ...conditions: readonly string[]): LiveObject => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name, uid: `${name}-uid`, resourceVersion: "1", labels: component },
  status: { conditions: conditions.map((type) => ({ type, status: "True" })) },
});

const podOf = (name: string, phase: string, state?: object, init?: object): LiveObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name: `${name}-x`,
    uid: "p",
    resourceVersion: "1",
    labels: { ...component, "batch.kubernetes.io/job-name": name },
    ownerReferences: [{ apiVersion: "batch/v1", kind: "Job", name, uid: `${name}-uid`, controller: true }],
  },
  status: {
    phase,
    ...(state === undefined ? {} : { containerStatuses: [{ state }] }),
    ...(init === undefined ? {} : { initContainerStatuses: [{ state: init }] }),
  },
});

const pulling = { waiting: { reason: "ImagePullBackOff" } };
const running = { running: { startedAt: "2026-01-01T00:00:00Z" } };
const ended = (exitCode: number) => ({ terminated: { exitCode } });

describe("isLeftAlone()", () => {
  test("leaves what is done, for ever", () => {
    expect(isLeftAlone(job("a", "Complete"), [])).toBe(true);
    expect(isLeftAlone(job("a", "SuccessCriteriaMet"), [])).toBe(true);
  });

  test.each([
    ["a container runs", podOf("a", "Running", running)],
    ["a first container runs", podOf("a", "Pending", pulling, running)],
    ["a pod ended well, which the Job has not noted", podOf("a", "Succeeded", ended(0))],
    ["a container ended well, which the pod has not noted", podOf("a", "Running", ended(0))],
  ])("leaves one at work: %s", (_, pod) => {
    expect(isLeftAlone(job("a"), [pod])).toBe(true);
  });

  test.each([
    ["no pod yet", []],
    ["no node for its pod", [podOf("a", "Pending")]],
    ["an image that cannot be pulled", [podOf("a", "Pending", pulling)]],
    ["an attempt that failed", [podOf("a", "Failed", ended(1))]],
    ["an attempt that failed, which the pod has not noted", [podOf("a", "Running", ended(1))]],
    ["a pod of a Job of the same name before it", [podOf("other", "Running", running)]],
  ])("hands one over that does nothing: %s", (_, pods) => {
    expect(isLeftAlone(job("a"), pods)).toBe(false);
    expect(isLeftAlone(job("a", "Failed"), pods)).toBe(false);
  });
});

describe("formerOf()", () => {
  const wantedJob: Manifest = { ...job("new"), metadata: { name: "new", labels: component } };
  const wanted = new Set(
    ["new", "sibling"].map((name) => objectId({ apiVersion: "batch/v1", kind: "Job", name })),
  );
  const former = (jobs: readonly LiveObject[], pods: readonly LiveObject[] = []) =>
    formerOf(wantedJob, jobs, pods, wanted);

  test("is a Job of the same component that nobody wants any more, unless it has ended", () => {
    const jobs = [job("old"), job("done", "Complete"), job("failed", "Failed"), job("sibling")];
    expect(former(jobs).jobs.map(({ metadata }) => metadata.name)).toEqual(["old"]);
  });

  test("is a pod at work, of a Job of another name or of one that was deleted under this name", () => {
    expect(former([], [podOf("old", "Running", running)]).running?.metadata.name).toBe("old-x");
    expect(former([], [podOf("new", "Running", running)]).running?.metadata.name).toBe("new-x");
    expect(former([], [podOf("sibling", "Running", running)]).running).toBeUndefined();
    const orphan = podOf("old", "Running", running);
    const { ownerReferences: _none, ...metadata } = orphan.metadata;
    expect(former([], [{ ...orphan, metadata }]).running?.metadata.name).toBe("old-x");
    expect(former([], [podOf("old", "Failed", ended(1)), podOf("new", "Pending")]).running).toBeUndefined();
  });

  test("is nothing of another component", () => {
    const other = { ...wantedJob, metadata: { name: "new", labels: { "app.kubernetes.io/component": "x" } } };
    expect(formerOf(other, [job("old")], [podOf("old", "Running", running)], wanted)).toEqual({ jobs: [] });
  });
});
