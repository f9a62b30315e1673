import { describe, expect, test } from "vitest";
import type { LiveObject } from "../model/manifest.ts";
import type { Gate } from "../model/plan.ts";
import { narrowed, notReadyOf } from "./gates.ts";

const job = { apiVersion: "batch/v1", kind: "Job", name: "migrate" };
const gate: Gate = {
  until: [job],
  holds: "everything",
  reason: "MigrationRunning",
  waitingFor: "the migration",
};
const done: LiveObject = {
  ...job,
  metadata: { name: "migrate", uid: "u", resourceVersion: "1" },
  status: { conditions: [{ type: "Complete", status: "True" }] },
};

describe("notReadyOf()", () => {
  test("is empty when all are ready", () => {
    expect(notReadyOf(gate, () => done)).toEqual([]);
  });

  test("counts what is absent as not ready", () => {
    expect(notReadyOf(gate, () => undefined)).toEqual([job]);
  });
});

describe("narrowed()", () => {
  test("closes with its gate and never opens again in the same plan", () => {
    expect(narrowed("open", gate, true)).toBe("everything");
    expect(narrowed("everything", { ...gate, holds: "updates" }, true)).toBe("everything");
    expect(narrowed("updates", gate, false)).toBe("updates");
    expect(narrowed("updates", gate, true)).toBe("everything");
  });

  test("stays open behind an open gate", () => {
    expect(narrowed("open", gate, false)).toBe("open");
    expect(narrowed("open", undefined, false)).toBe("open");
  });
});
