import { describe, expect, test } from "vitest";
import { percentile, spread } from "./statistics.ts";

describe("percentile()", () => {
  test("gives a value that was measured, whatever the order", () => {
    expect(percentile([5, 1, 4, 2, 3], 50)).toBe(3);
    expect(percentile([1, 2, 3, 4], 50)).toBe(2);
  });

  test("gives the largest as p99 of fewer than a hundred", () => {
    expect(percentile([10, 30, 20], 99)).toBe(30);
  });

  test("gives no number for no measurement", () => {
    expect(percentile([], 50)).toBeNaN();
  });
});

describe("spread()", () => {
  test("names the unit, with a digit more for small numbers", () => {
    expect(spread([1.25, 20.4])).toBe("p50 1.3 ms, p99 20 ms");
  });
});
