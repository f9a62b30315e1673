import { describe, expect, test } from "vitest";
import { exitCodes } from "./exit-codes.ts";
import { watchFlag } from "./watch-flag.ts";

describe("watchFlag()", () => {
  test("takes own, all, or a list", () => {
    expect(["own", "all", "a, b,a"].map(watchFlag)).toEqual([
      { kind: "own" },
      { kind: "all" },
      { kind: "namespaces", namespaces: ["a", "b"] },
    ]);
  });

  test.each(["", " , ", "ok,No_Good"])("refuses %j, and says what the flag takes", (text) => {
    const message = expect.stringContaining("--watch takes own, all or names of namespaces");
    expect(() => watchFlag(text)).toThrow(expect.objectContaining({ exitCode: exitCodes.usage, message }));
  });
});
