/** Status of a resource, the same shape in every operator (design section 6). Pure. */

export interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
  readonly observedGeneration: number;
}

/** A condition as a step states it: the loop stamps time and generation. */
export type ConditionClaim = Pick<Condition, "type" | "status" | "reason" | "message">;

export interface ComponentStatus {
  readonly name: string;
  readonly desired: number;
  readonly ready: number;
  readonly updated: number;
  /** One sentence, absent when nothing is missing. */
  readonly waitingFor?: string;
}

/**
 * What step 7 returns. The loop adds `observedGeneration`, stamps conditions and patches only a difference.
 * Members beyond these are the product's own (`tenants`, `online`, …).
 */
export interface StatusClaim {
  readonly version?: string;
  readonly url?: string;
  readonly components: readonly ComponentStatus[];
  /** Parts (`ConfigValid`, `DependenciesReady`, `RolloutComplete`, …). `Ready`, `Reconciling`, `Stalled` are the loop's. */
  readonly conditions: readonly ConditionClaim[];
  /** Not ready: stable reason and sentence. Absent: ready. */
  readonly waiting?: { readonly reason: string; readonly message: string; readonly stalled?: boolean };
  readonly [member: string]: unknown;
}
