import { describe, expect, test } from "vitest";
import { Blocked, Waiting } from "../model/outcome.ts";
import type { Condition } from "../model/status.ts";
import { type AnswerKind, ApiError } from "../wire/answer.ts";
import { conditionsOf, type Verdict, verdictOfClaim, verdictOfError } from "./outcome.ts";

const refusal = (kind: AnswerKind, what = 'apply Deployment "a"', message = "said the server") =>
  new ApiError(what, { kind, status: 1, message, causes: [{ reason: "r", field: "spec.x", message: "m" }] });
const statusOf = (verdict: Verdict, before: readonly Condition[] = []) =>
  conditionsOf({ verdict, isPaused: false, before, generation: 3, now: "2026-01-01T00:00:00Z" }).map(
    ({ type, status, reason }) => `${type}=${status} ${reason}`,
  );

describe("verdictOfError()", () => {
  test("stalls on Blocked until something changes", () => {
    const verdict = verdictOfError(new Blocked("ShardTooLarge", "too large"));
    expect(statusOf(verdict)).toEqual(["Ready=False ShardTooLarge", "Stalled=True ShardTooLarge"]);
    expect(verdict.next).toEqual({ kind: "event" });
  });

  test("reconciles on Waiting, at the latest after its time", () => {
    const verdict = verdictOfError(new Waiting("SecretMissing", "no Secret", 5000));
    expect(statusOf(verdict)).toEqual(["Ready=False SecretMissing", "Reconciling=True SecretMissing"]);
    expect(verdict.next).toEqual({ kind: "after", ms: 5000 });
  });

  test("says a fixed sentence about a bug, and backs off", () => {
    const verdict = verdictOfError(new TypeError("password is hunter2"));
    expect(statusOf(verdict)).toEqual(["Ready=Unknown ReconcileError", "Reconciling=True ReconcileError"]);
    expect(verdict.message).not.toContain("hunter2");
    expect(verdict.next.kind).toBe("back-off");
  });

  test.each<[AnswerKind, string, Verdict["next"]["kind"]]>([
    ["forbidden", "Forbidden", "back-off"],
    ["terminatingNamespace", "NamespaceTerminating", "after"],
    ["notServed", "DependencyMissing", "after"],
    ["invalid", "ObjectRefused", "event"],
    ["schemaMismatch", "ObjectRefused", "event"],
    ["tooLarge", "ObjectTooLarge", "event"],
    ["transient", "ReconcileError", "back-off"],
    ["network", "ReconcileError", "back-off"],
    ["overloaded", "ReconcileError", "back-off"],
  ])("makes of %s the reason %s and waits by %s", (kind, reason, next) => {
    const verdict = verdictOfError(refusal(kind));
    expect([verdict.reason, verdict.next.kind]).toEqual([reason, next]);
  });

  test("never repeats what the server says about a Secret", () => {
    const verdict = verdictOfError(refusal("invalid", 'apply Secret "a"', 'Invalid value: "hunter2"'));
    expect(verdict.message).not.toContain("hunter2");
    expect(verdict.message).toContain("spec.x");
  });
});

describe("conditionsOf()", () => {
  const ready = verdictOfClaim({ components: [], conditions: [] });

  test("has neither Reconciling nor Stalled when all is well", () => {
    expect(statusOf(ready)).toEqual(["Ready=True Ready"]);
  });

  test("keeps the time of a transition until the status flips", () => {
    const before: readonly Condition[] = [
      {
        type: "Ready",
        status: "True",
        reason: "Ready",
        message: "",
        lastTransitionTime: "2020-01-01T00:00:00Z",
        observedGeneration: 1,
      },
    ];
    const [still] = conditionsOf({
      verdict: ready,
      isPaused: false,
      before,
      generation: 3,
      now: "2026-01-01T00:00:00Z",
    });
    expect(still).toMatchObject({ lastTransitionTime: "2020-01-01T00:00:00Z", observedGeneration: 3 });
    const [flipped] = conditionsOf({
      verdict: verdictOfError(new Blocked("X", "y")),
      isPaused: false,
      before,
      generation: 3,
      now: "2026-01-01T00:00:00Z",
    });
    expect(flipped?.lastTransitionTime).toBe("2026-01-01T00:00:00Z");
  });

  test("keeps the parts that are known when a pass ended early", () => {
    const before: readonly Condition[] = [
      {
        type: "ConfigValid",
        status: "True",
        reason: "Valid",
        message: "",
        lastTransitionTime: "t",
        observedGeneration: 1,
      },
    ];
    expect(statusOf(verdictOfError(new Waiting("W", "w")), before)).toContain("ConfigValid=True Valid");
  });
});
