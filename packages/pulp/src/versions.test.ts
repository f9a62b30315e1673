import { describe, expect, test } from "vitest";
import { hasControlSocketFlag, isOlder } from "./versions.ts";

describe("isOlder()", () => {
  test("compares numbers, not texts, and leaves tags without numbers alone", () => {
    expect(isOlder("3.9.0", "3.10.0")).toBe(true);
    expect(isOlder("3.123", "3.123.1")).toBe(false);
    expect(isOlder("latest", "3.123.1")).toBe(false);
  });
});

describe("hasControlSocketFlag()", () => {
  test.each([
    ["3.123.1", true],
    ["3.117.0", true],
    ["3.116.3", false],
    ["3.105.25", true],
    ["3.105.18", false],
    ["3.85.34", false],
    ["latest", false],
  ])("of %s is %s", (version, expected) => {
    expect(hasControlSocketFlag(version)).toBe(expected);
  });
});
