/** Step 6: judges what apply returned, together with what the application said last. No reads. Pure. */
import type { Applied, AppliedObject } from "./applied.ts";
import type { Facts } from "./io.ts";
import { type LiveObject, type ObjectId, objectId } from "./manifest.ts";
import { isObjectReady, type Readiness } from "./readiness.ts";
import type { ComponentStatus } from "./status.ts";

export interface ObservedObject extends AppliedObject {
  readonly readiness: Readiness;
}

export interface Observed<F = unknown> {
  readonly __brand: "Observed";
  readonly applied: Applied;
  readonly objects: ReadonlyMap<ObjectId, ObservedObject>;
  /** One row per `app.kubernetes.io/component` that has a workload, in plan order. */
  readonly components: readonly ComponentStatus[];
  readonly facts?: Facts<F>;
  /** First thing that is not ready, in plan order; absent when all is. */
  readonly waiting?: { readonly reason: string; readonly message: string; readonly stalled: boolean };
}

const workloadKinds: readonly string[] = ["Deployment", "StatefulSet", "Job"];

export function observe<F>(applied: Applied, facts: Facts<F> | undefined): Observed<F> {
  const objects = new Map<ObjectId, ObservedObject>();
  for (const [id, object] of applied.objects) objects.set(id, { ...object, readiness: readinessOf(object) });
  const waiting = waitingFor(applied, [...objects.values()]);
  return {
    __brand: "Observed",
    applied,
    objects,
    components: componentsOf(applied, [...objects.values()]),
    ...(facts === undefined ? {} : { facts }),
    ...(waiting === undefined ? {} : { waiting }),
  };
}

function readinessOf(object: AppliedObject): Readiness {
  if (object.live !== undefined) return isObjectReady(object.live);
  return {
    ready: false,
    desired: 1,
    readyCount: 0,
    updatedCount: 0,
    waitingFor: `stage ${object.stage} to begin`,
  };
}

function waitingFor(applied: Applied, objects: readonly ObservedObject[]): Observed["waiting"] {
  const gate = applied.closedGate;
  const gated = new Set(gate?.notReady.map((ref) => objectId(ref)));
  const open = objects.filter(({ readiness }) => !readiness.ready);
  const first =
    open.find(({ ref }) => gated.has(objectId(ref))) ??
    open.find(({ outcome }) => outcome !== "held") ??
    open[0];
  if (gate === undefined && first === undefined) return undefined;
  const detail =
    first === undefined ? undefined : (podTrouble(applied.pods, first) ?? first.readiness.waitingFor);
  const stalled = first?.readiness.failed === true;
  if (gate !== undefined)
    return {
      reason: gate.gate.reason,
      message: `Waiting for ${gate.gate.waitingFor}${detail === undefined ? "" : `: ${detail}`}`,
      stalled,
    };
  return {
    reason: stalled ? "RolloutFailed" : "RolloutInProgress",
    message: `Waiting for ${detail ?? "the roll-out"}`,
    stalled,
  };
}

function componentsOf(applied: Applied, objects: readonly ObservedObject[]): readonly ComponentStatus[] {
  const rows = new Map<string, ComponentStatus>();
  for (const object of objects) {
    if (!workloadKinds.includes(object.ref.kind) || object.ref.kind === "Job") continue;
    const name = object.live?.metadata.labels?.["app.kubernetes.io/component"] ?? object.ref.name;
    const before = rows.get(name);
    const { desired, readyCount, updatedCount, ready } = object.readiness;
    const missing = ready
      ? before?.waitingFor
      : (podTrouble(applied.pods, object) ?? object.readiness.waitingFor);
    rows.set(name, {
      name,
      desired: (before?.desired ?? 0) + desired,
      ready: (before?.ready ?? 0) + readyCount,
      updated: (before?.updated ?? 0) + updatedCount,
      ...(missing === undefined ? {} : { waitingFor: missing }),
    });
  }
  return [...rows.values()];
}

/** Why pods of this workload do not run, in the words of the cluster: image pull, crash loop, scheduling, admission. */
function podTrouble(pods: readonly LiveObject[], { ref, live }: ObservedObject): string | undefined {
  const instance = live?.metadata.labels?.["app.kubernetes.io/component"];
  for (const pod of pods) {
    // What keeps a pod that goes from running is nobody's trouble any more.
    if (
      pod.metadata.deletionTimestamp !== undefined ||
      !pod.metadata.name.startsWith(`${ref.name}-`) ||
      pod.metadata.labels?.["app.kubernetes.io/component"] !== instance
    )
      continue;
    const status = record(pod["status"]);
    for (const kind of ["initContainerStatuses", "containerStatuses"]) {
      for (const container of array(status[kind]).map(record)) {
        const state = record(container["state"]);
        const waiting = record(state["waiting"]);
        const reason = waiting["reason"];
        if (typeof reason === "string" && reason !== "ContainerCreating" && reason !== "PodInitializing") {
          const last = record(record(container["lastState"])["terminated"])["message"];
          const words = typeof last === "string" && last !== "" ? last : waiting["message"];
          return `pod ${pod.metadata.name}: ${reason}${typeof words === "string" ? `: ${words.trim().slice(-300)}` : ""}`;
        }
      }
    }
    const scheduled = array(status["conditions"])
      .map(record)
      .find((c) => c["type"] === "PodScheduled" && c["status"] === "False");
    if (scheduled !== undefined) return `pod ${pod.metadata.name}: ${String(scheduled["message"])}`;
  }
  return undefined;
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
const array = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
