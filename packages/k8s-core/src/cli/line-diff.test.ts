import { array, assert, constantFrom, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { lineDiff } from "./line-diff.ts";

describe("lineDiff()", () => {
  test("shows a change with what stands around it", () => {
    expect(lineDiff("a\nb\nc\nd\ne\nf", "a\nb\nX\nd\ne\nf", 1)).toEqual(["  b", "- c", "+ X", "  d"]);
  });

  test("shows nothing for equal texts", () => {
    expect(lineDiff("a\nb", "a\nb")).toEqual([]);
  });

  test("holds both texts, whatever they are", () => {
    const lines = array(constantFrom("a", "b", "c"), { minLength: 1, maxLength: 12 });
    assert(
      property(lines, lines, (old, now) => {
        const all = lineDiff(old.join("\n"), now.join("\n"), 100);
        const side = (mark: string): string[] =>
          all.filter((line) => line.startsWith("  ") || line.startsWith(mark)).map((line) => line.slice(2));
        if (all.length > 0) expect([side("- "), side("+ ")]).toEqual([old, now]);
      }),
    );
  });
});
