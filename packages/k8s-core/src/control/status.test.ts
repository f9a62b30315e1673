import { describe, expect, test } from "vitest";
import type { LiveObject } from "../model/manifest.ts";
import { Blocked } from "../model/outcome.ts";
import { verdictOfClaim, verdictOfError } from "./outcome.ts";
import { fullStatus, isSameStatus, microSeconds, requestedAtAnnotation, wholeSeconds } from "./status.ts";

const claim = { components: [], conditions: [], url: "https://a" };

function resource(status: object = {}, annotations: Record<string, string> = {}): LiveObject {
  const metadata = { name: "a", uid: "u", resourceVersion: "1", generation: 4, annotations };
  return { apiVersion: "x/v1", kind: "Board", metadata, status };
}

describe("fullStatus()", () => {
  const verdict = verdictOfClaim(claim);

  test("is the same in the second pass, whatever the clock says", () => {
    const first = fullStatus({ resource: resource(), verdict, claim, nowMs: 1000 });
    const second = fullStatus({ resource: resource(first), verdict, claim, nowMs: 99_000 });
    expect(isSameStatus(second, first)).toBe(true);
  });

  test("says what it waits for only while it waits", () => {
    expect(fullStatus({ resource: resource(), verdict, claim, nowMs: 0 })["next"]).toBeUndefined();
    const blocked = verdictOfError(new Blocked("InvalidSpec", "spec.text: is empty"));
    expect(fullStatus({ resource: resource(), verdict: blocked, nowMs: 0 })["next"]).toBe(
      "spec.text: is empty",
    );
  });

  test("keeps what is known when a pass ended early, and drops what a full pass does not state", () => {
    const before = { url: "https://a", tenants: 3 };
    const blocked = verdictOfError(new Blocked("InvalidSpec", "no"));
    expect(fullStatus({ resource: resource(before), verdict: blocked, nowMs: 0 })).toMatchObject(before);
    expect(fullStatus({ resource: resource(before), verdict, claim, nowMs: 0 })["tenants"]).toBeUndefined();
  });

  test("speaks about the generation that was read, and echoes who asked", () => {
    const asked = resource({}, { [requestedAtAnnotation]: "now" });
    expect(fullStatus({ resource: asked, verdict, claim, nowMs: 0 })).toMatchObject({
      observedGeneration: 4,
      lastHandledReconcileAt: "now",
    });
  });
});

describe("times", () => {
  test("have whole seconds in a status and six digits in a Lease", () => {
    expect(wholeSeconds(1_769_827_323_987)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(microSeconds(1_769_827_323_987)).toMatch(/\.987000Z$/);
  });
});
