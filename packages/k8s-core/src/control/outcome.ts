/**
 * The one place where the end of a pass becomes conditions and the time of the next pass. Pure.
 *
 * Nobody else catches. Messages are written for the person who reads the status and never quote a Secret.
 */
import { Blocked, Waiting } from "../model/outcome.ts";
import type { Condition, ConditionClaim, StatusClaim } from "../model/status.ts";
import { ApiError } from "../wire/answer.ts";
import { RefusedName } from "../wire/path.ts";

/** When the next pass comes, if no event comes before. */
export type Next =
  | { readonly kind: "event" }
  | { readonly kind: "after"; readonly ms: number }
  | { readonly kind: "back-off"; readonly atLeastMs: number };

export interface Verdict {
  readonly result: "ready" | "waiting" | "blocked" | "error";
  readonly reason: string;
  readonly message: string;
  readonly next: Next;
}

/** A gate or roll-out that no event ends is looked at again after this. */
const longestWaitMs = 60_000;
const unexpected = "The last pass failed and is repeated, the operator's log says why";

export function verdictOfClaim({ waiting }: StatusClaim): Verdict {
  if (waiting === undefined)
    return { result: "ready", reason: "Ready", message: "Everything is as asked", next: { kind: "event" } };
  const next: Next = { kind: "after", ms: longestWaitMs };
  return {
    result: waiting.stalled === true ? "blocked" : "waiting",
    reason: waiting.reason,
    message: waiting.message,
    next,
  };
}

export function verdictOfError(error: unknown): Verdict {
  if (error instanceof Blocked)
    return { result: "blocked", reason: error.reason, message: error.message, next: { kind: "event" } };
  if (error instanceof Waiting)
    return {
      result: "waiting",
      reason: error.reason,
      message: error.message,
      next: { kind: "after", ms: error.atMostMs },
    };
  if (error instanceof RefusedName)
    return { result: "blocked", reason: "InvalidName", message: error.message, next: { kind: "event" } };
  if (error instanceof ApiError) return verdictOfAnswer(error);
  return {
    result: "error",
    reason: "ReconcileError",
    message: unexpected,
    next: { kind: "back-off", atLeastMs: 0 },
  };
}

function verdictOfAnswer(error: ApiError): Verdict {
  const { answer } = error;
  const message = messageOf(error);
  switch (answer.kind) {
    case "forbidden":
      return {
        result: "waiting",
        reason: "Forbidden",
        message: `${message}: grant the operator this right, as install does`,
        next: { kind: "back-off", atLeastMs: 30_000 },
      };
    case "terminatingNamespace":
      return {
        result: "waiting",
        reason: "NamespaceTerminating",
        message: "The namespace is being deleted, so nothing is made in it any more: use another one",
        next: { kind: "after", ms: 300_000 },
      };
    case "notServed":
      return {
        result: "waiting",
        reason: "DependencyMissing",
        message: `${message}: install what provides this kind`,
        next: { kind: "after", ms: longestWaitMs },
      };
    case "badRequest":
    case "ourBug":
    case "invalid":
    case "schemaMismatch":
    case "fieldConflict":
      return {
        result: "blocked",
        reason: "ObjectRefused",
        message: `${message}: change the field of the resource that this comes from`,
        next: { kind: "event" },
      };
    case "tooLarge":
      return {
        result: "blocked",
        reason: "ObjectTooLarge",
        message: `${message}: make what the resource refers to smaller, or divide it`,
        next: { kind: "event" },
      };
    default:
      return {
        result: "error",
        reason: "ReconcileError",
        message: unexpected,
        next: { kind: "back-off", atLeastMs: answer.retryAfterMs ?? 0 },
      };
  }
}

/** What we tried and what the server said; for Secrets only which fields, as the words may quote a value. */
function messageOf({ what, answer }: ApiError): string {
  const causes = answer.causes.map((cause) => cause.field).filter((field) => field !== "");
  if (what.includes("Secret"))
    return `Cannot ${what}: refused${causes.length === 0 ? "" : ` because of ${causes.join(", ")}`}`;
  return `Cannot ${what}: ${answer.message}`.slice(0, 900).replace(/\.$/, "");
}

export interface ConditionsProps {
  readonly verdict: Verdict;
  /** Parts that the product stated; absent when the pass ended early, then the known ones stay. */
  readonly claims?: readonly ConditionClaim[];
  readonly isPaused: boolean;
  readonly before: readonly Condition[];
  readonly generation: number;
  /** RFC 3339, whole seconds: the server keeps the text as it is. */
  readonly now: string;
}

const loopTypes: readonly string[] = ["Ready", "Reconciling", "Stalled", "Paused"];

/** All conditions of the resource, `Ready` first. `Reconciling` and `Stalled` are absent when they do not apply. */
export function conditionsOf({
  verdict,
  claims,
  isPaused,
  before,
  generation,
  now,
}: ConditionsProps): readonly Condition[] {
  const { result, reason, message } = verdict;
  const ready: ConditionClaim["status"] =
    result === "ready" ? "True" : result === "error" ? "Unknown" : "False";
  const wanted: ConditionClaim[] = [{ type: "Ready", status: ready, reason, message }];
  if (result === "waiting" || result === "error")
    wanted.push({ type: "Reconciling", status: "True", reason, message });
  if (result === "blocked") wanted.push({ type: "Stalled", status: "True", reason, message });
  if (isPaused)
    wanted.push({
      type: "Paused",
      status: "True",
      reason: "Paused",
      message: "spec.paused is set: nothing is changed",
    });
  wanted.push(...(claims ?? before.filter(({ type }) => !loopTypes.includes(type))));
  return wanted.map(({ type, status, reason: why, message: words }) => {
    const known = before.find((one) => one.type === type);
    const since = known?.status === status ? known.lastTransitionTime : now;
    return {
      type,
      status,
      reason: why,
      message: words.slice(0, 1024),
      lastTransitionTime: since,
      observedGeneration: generation,
    };
  });
}
