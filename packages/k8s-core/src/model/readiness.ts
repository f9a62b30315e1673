/**
 * When is one object what it should be? Pure functions over live objects; a gate and the status ask the same one. Pure.
 *
 * All demand that the controller of the kind has seen the present generation.
 * @see Kubernetes 1.35 API conventions; kstatus rules for Deployment, StatefulSet, Job, PVC, Service
 */
import type { LiveObject } from "./manifest.ts";

export interface Readiness {
  readonly ready: boolean;
  /** Replicas for workloads; 0 or 1 for everything else. */
  readonly desired: number;
  readonly readyCount: number;
  readonly updatedCount: number;
  /** One sentence about what is missing; absent when ready. */
  readonly waitingFor?: string;
  /** It will not become ready without a change: a failed Job, an exceeded progress deadline. */
  readonly failed?: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

const fields = (value: unknown): Fields =>
  typeof value === "object" && value !== null ? (value as Fields) : {};
const number = (value: unknown, otherwise = 0): number => (typeof value === "number" ? value : otherwise);
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function conditionOf(live: LiveObject, type: string): Fields | undefined {
  return list(fields(live["status"])["conditions"])
    .map(fields)
    .find((condition) => condition["type"] === type);
}

function isObserved(live: LiveObject): boolean {
  return number(fields(live["status"])["observedGeneration"]) >= number(live.metadata.generation);
}

const yes: Readiness = { ready: true, desired: 1, readyCount: 1, updatedCount: 1 };
const no = (waitingFor: string, failed = false): Readiness => ({
  ready: false,
  desired: 1,
  readyCount: 0,
  updatedCount: 0,
  waitingFor,
  ...(failed ? { failed } : {}),
});

function workload(live: LiveObject, updated: number, current: boolean): Readiness {
  const status = fields(live["status"]);
  const desired = number(fields(live["spec"])["replicas"], 1);
  const readyCount = number(status["readyReplicas"]);
  const total = number(status["replicas"]);
  const settled =
    isObserved(live) && current && updated === desired && readyCount === desired && total === desired;
  const counts = { desired, readyCount, updatedCount: updated };
  if (settled) return { ready: true, ...counts };
  const progress = conditionOf(live, "Progressing");
  if (progress?.["reason"] === "ProgressDeadlineExceeded")
    return {
      ready: false,
      ...counts,
      failed: true,
      waitingFor: `${live.kind} ${live.metadata.name} made no progress in time`,
    };
  return { ready: false, ...counts, waitingFor: `${live.metadata.name}: ${missing(counts, total)}` };
}

function missing(
  { desired, updatedCount, readyCount }: Pick<Readiness, "desired" | "updatedCount" | "readyCount">,
  total: number,
): string {
  if (updatedCount < desired) return `${updatedCount} of ${desired} pods updated`;
  if (readyCount < desired) return `${readyCount} of ${desired} pods ready`;
  return total > desired ? `${total - desired} former pods to go` : "its controller to take note";
}

/** Readiness of one live object, by kind; an object of a kind without a rule is ready when it exists. */
export function isObjectReady(live: LiveObject): Readiness {
  const name = live.metadata.name;
  const status = fields(live["status"]);
  if (live.metadata.deletionTimestamp !== undefined) return no(`${live.kind} ${name} to be deleted`);
  switch (live.kind) {
    case "Deployment":
      return workload(live, number(status["updatedReplicas"]), true);
    case "StatefulSet": {
      const isCurrent = status["updateRevision"] === status["currentRevision"];
      const updated = isCurrent ? number(status["currentReplicas"]) : number(status["updatedReplicas"]);
      return workload(live, updated, isCurrent);
    }
    case "Job": {
      if (conditionOf(live, "Complete")?.["status"] === "True") return yes;
      const failure = conditionOf(live, "Failed");
      if (failure?.["status"] === "True") return no(`Job ${name} failed: ${text(failure["message"])}`, true);
      return no(`Job ${name} to complete`);
    }
    case "PersistentVolumeClaim":
      return status["phase"] === "Bound" ? yes : no(`volume claim ${name} to be bound`);
    case "Service": {
      const spec = fields(live["spec"]);
      const addresses = list(fields(status["loadBalancer"])["ingress"]);
      return spec["type"] !== "LoadBalancer" || addresses.length > 0
        ? yes
        : no(`an address for Service ${name}`);
    }
    default: {
      const ready = conditionOf(live, "Ready");
      if (ready === undefined) return yes;
      return ready["status"] === "True"
        ? yes
        : no(text(ready["message"]) || `${live.kind} ${name} to be ready`);
    }
  }
}
