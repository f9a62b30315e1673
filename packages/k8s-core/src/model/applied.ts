/** The product of apply: what was sent, what changed, and the live object of each. Only step 5 makes it. Pure. */
import type { LiveObject, ObjectId, ObjectRef } from "./manifest.ts";
import type { Gate, Plan } from "./plan.ts";

/** `held`: behind a closed gate, untouched. */
export type ApplyOutcome = "created" | "configured" | "unchanged" | "held";

export interface AppliedObject {
  readonly ref: ObjectRef;
  readonly stage: string;
  readonly outcome: ApplyOutcome;
  /** Absent only for a held object that does not exist yet. */
  readonly live?: LiveObject;
}

export interface Applied {
  readonly __brand: "Applied";
  readonly plan: Plan;
  readonly objects: ReadonlyMap<ObjectId, AppliedObject>;
  /** Pods of the resource, from cache: they explain why a workload is not ready. */
  readonly pods: readonly LiveObject[];
  readonly pruned: readonly ObjectRef[];
  /** The first closed gate, with the stage that it holds back. */
  readonly closedGate?: {
    readonly stage: string;
    readonly gate: Gate;
    readonly notReady: readonly ObjectRef[];
  };
}
