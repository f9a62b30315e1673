/** The status of a resource as it is written: claim of the product, conditions of the loop. Pure. */
import { count, type Fields, fields, list, stableJson, text } from "../json.ts";
import type { LiveObject } from "../model/manifest.ts";
import type { Condition, StatusClaim } from "../model/status.ts";
import { conditionsOf, type Verdict } from "./outcome.ts";

/** Annotation on a resource; a new value asks for a pass. */
export const requestedAtAnnotation = "operators.zuul-pulp.io/reconcile-requested-at";

export interface StatusProps {
  readonly resource: LiveObject;
  readonly verdict: Verdict;
  /** Absent when the pass ended early: then what is known stays. */
  readonly claim?: StatusClaim;
  readonly isPaused?: boolean;
  readonly nowMs: number;
}

/** Full status; equal inputs give an equal status, save the time of a transition. */
export function fullStatus({ resource, verdict, claim, isPaused = false, nowMs }: StatusProps): Fields {
  const before = fields(resource["status"]);
  const generation = resource.metadata.generation ?? 0;
  const claims = claim?.conditions;
  const {
    waiting: _waiting,
    conditions: _old,
    next: _next,
    observedGeneration: _seen,
    ...own
  }: Fields = claim ?? before;
  const conditions = conditionsOf({
    verdict,
    ...(claims === undefined ? {} : { claims }),
    isPaused,
    before: knownConditions(before["conditions"]),
    generation,
    now: wholeSeconds(nowMs),
  });
  // Echoed, so that whoever asked for a pass sees that it happened.
  const asked = resource.metadata.annotations?.[requestedAtAnnotation];
  const status = {
    ...own,
    ...(asked === undefined ? {} : { lastHandledReconcileAt: asked.slice(0, 253) }),
    observedGeneration: generation,
    conditions,
    ...(verdict.result === "ready" ? {} : { next: verdict.message.slice(0, 1024) }),
  };
  return Object.fromEntries(Object.entries(status).filter(([, value]) => value !== undefined));
}

/** True when the server already holds exactly this. */
export function isSameStatus(wanted: Fields, held: unknown): boolean {
  return stableJson(wanted) === stableJson(held);
}

/** `2026-01-31T01:02:03Z`: custom resources keep times verbatim, and milliseconds would be a change. */
export function wholeSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** `2026-01-31T01:02:03.123000Z`: what Leases and events demand, exactly six digits. */
export function microSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -1)}000Z`;
}

export function knownConditions(value: unknown): readonly Condition[] {
  return list(value).flatMap((one) => {
    const { type, status, reason, message, lastTransitionTime, observedGeneration } = fields(one);
    if (typeof type !== "string" || (status !== "True" && status !== "False" && status !== "Unknown"))
      return [];
    return [
      {
        type,
        status,
        reason: text(reason) ?? "",
        message: text(message) ?? "",
        lastTransitionTime: text(lastTransitionTime) ?? "",
        observedGeneration: count(observedGeneration) ?? 0,
      },
    ];
  });
}
