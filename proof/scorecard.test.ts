import { describe, expect, test } from "vitest";
import type { Stamped } from "./ledger.ts";
import { scoreCard } from "./scorecard.ts";

const entry = (members: Partial<Stamped>): Stamped => ({
  suite: "plans",
  id: "zuul/install/500/apply_services_@-web#1",
  scenario: "zuul/install",
  group: "error",
  fault: "500",
  verdict: "survived",
  problems: [],
  ms: 1500,
  date: "2026-01-02T03:04:05Z",
  commit: "abc",
  machine: "m",
  ...members,
});

describe("scoreCard()", () => {
  test("counts the latest verdict of each plan only", () => {
    const card = scoreCard([entry({ verdict: "failed", problems: ["x"] }), entry({})]);
    expect(card).toContain("| error | 1 | 0 | 0 | 400 |");
    expect(card).toContain("## What failed last\n\nNothing.");
  });

  test("names what failed, and why", () => {
    const card = scoreCard([entry({ verdict: "failed", problems: ["same-end: Service @-web is missing"] })]);
    expect(card).toContain("same-end: Service @-web is missing");
  });

  test("counts a plan whose call never came for nothing", () => {
    expect(scoreCard([entry({ verdict: "missed" })])).toContain("| error | 0 | 0 | 1 | 400 |");
  });
});
