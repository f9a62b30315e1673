/**
 * The product of synth: manifests in stages, with gates between them as data. Pure.
 *
 * Step 5 walks the stages in order. A stage whose gate is closed is *held*: it and everything after it stays as it
 * is in the cluster, and nothing is pruned until all gates are open.
 */
import type { Manifest, ObjectRef } from "./manifest.ts";

export interface Gate {
  /** Objects of earlier stages that must be ready (by `isObjectReady`). */
  readonly until: readonly ObjectRef[];
  /**
   * `everything`: nothing of the stage is sent (database before migration before workloads).
   * `updates`: absent objects are created at once, existing ones are not changed (executors before schedulers in an
   * upgrade), so that a first install starts everything together and a deleted child comes back during a roll-out.
   */
  readonly holds: "everything" | "updates";
  /** Reason for the condition while the gate is closed, CamelCase: `DatabaseNotReady`, `MigrationRunning`. */
  readonly reason: string;
  /** What is waited for, to be read after "waiting for": `the database to answer`. */
  readonly waitingFor: string;
}

export interface Stage {
  /** Unique in the plan: `database`, `migration`, `workloads`. */
  readonly name: string;
  readonly gate?: Gate;
  readonly manifests: readonly Manifest[];
}

export interface Plan {
  readonly stages: readonly Stage[];
  /** Notices for the user that are not errors: they become events, once each. */
  readonly notices: readonly Notice[];
  /** `Delete` also prunes and owns what holds data; `Retain` leaves PVCs and generated Secrets behind. */
  readonly deletionPolicy: "Retain" | "Delete";
}

export interface Notice {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

/** Annotation on manifests that hold data: never pruned, no owner reference unless `deletionPolicy: Delete`. */
export const retainAnnotation = "operators.zuul-pulp.io/retain";

/** Kinds that hold data by nature. Other objects are retained by `retainAnnotation`. */
export const retainedKinds: readonly string[] = ["PersistentVolumeClaim"];

export function isRetained(manifest: {
  kind: string;
  metadata: { annotations?: Readonly<Record<string, string>> };
}): boolean {
  return (
    retainedKinds.includes(manifest.kind) || manifest.metadata.annotations?.[retainAnnotation] === "true"
  );
}

export function manifestsOf(plan: Plan): readonly Manifest[] {
  return plan.stages.flatMap((stage) => stage.manifests);
}
