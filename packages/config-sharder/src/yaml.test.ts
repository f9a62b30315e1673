import { Blocked } from "@zuul-pulp/k8s-core/model";
import { assert, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { anyText } from "./nodepool.builders.ts";
import { readYaml, yamlLimits } from "./yaml-read.ts";
import { YamlMap } from "./yaml-value.ts";
import { writeYaml } from "./yaml-write.ts";

const rewritten = (text: string): string => writeYaml(readYaml(text, "it"));

describe("readYaml()", () => {
  test("resolves anchors, aliases and merge keys as PyYAML does: own keys win, then the first map that has one", () => {
    const text = "a: &a {x: 1, y: 1}\nb: &b {x: 2, z: 2}\nc: {<<: [*a, *b], y: 3}\nd: *a\n";
    expect(JSON.parse(JSON.stringify(readYaml(text, "it")))).toMatchObject({
      c: { x: 1, y: 3, z: 2 },
      d: { x: 1, y: 1 },
    });
  });

  test("takes an anchor that is set again from the place where it stands", () => {
    const text = "a: &a {b: &b 1}\nc: &b 2\nd: *a\ne: *b\n";
    expect(JSON.parse(JSON.stringify(readYaml(text, "it")))).toEqual({
      a: { b: 1 },
      c: 2,
      d: { b: 1 },
      e: 2,
    });
  });

  test.each([
    [
      "a bomb of aliases",
      `a: &a [x]\n${Array.from({ length: 60 }, (_, i) => `k${i}: *a\n`).join("")}`,
      "more than 50 aliases",
    ],
    [
      "a bomb that doubles",
      `a0: &a0 [x,x]\n${Array.from({ length: 25 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i},*a${i}]\n`).join("")}`,
      "more than",
    ],
    ["a list inside itself", "a: &a [*a]\n", "nested deeper|more than 50 aliases"],
    ["a deep list", `a: ${"[".repeat(100)}${"]".repeat(100)}\n`, "nested deeper than 64"],
    ["too many characters", `a: ${"x".repeat(yamlLimits.characters)}\n`, "characters"],
    ["two documents", "a: 1\n---\nb: 2\n", "several documents"],
    ["nothing", "", "it is empty|not a map"],
    ["a list on top", "- a\n", "top level is not a map"],
    ["a key twice", "a: 1\na: 2\n", "line 2, column 1: a key that is already there"],
    ["a tag", "a: !!python/object:os.system canary\n", "a tag, which is not read"],
    ["broken YAML", "a: [canary\n", "line \\d+, column \\d+"],
    ["an alias to nowhere", "a: *canary\n", "line 1|alias"],
  ])("refuses %s, without a word of the source", (_, text, rule) => {
    const reading = (): unknown => readYaml(text, "nodepool.yaml");
    expect(reading).toThrow(Blocked);
    expect(reading).toThrow(new RegExp(rule));
    expect(reading).not.toThrow(/canary/);
  });

  test("answers anything at all with a value or with Blocked", () => {
    assert(
      property(string({ unit: "binary", maxLength: 60 }), (text) => {
        expect(answerTo(text)).toMatch(/^(YamlMap|Blocked)$/);
      }),
      { numRuns: 500 },
    );
  });
});

describe("writeYaml()", () => {
  test.each([
    "8",
    "1e3",
    "on",
    "012",
    "y",
    "~",
    "",
    "1:30",
    "=",
    "<<",
    "null",
    "2020-01-01",
    "- a",
    "#",
    "é",
  ])("quotes the string %j", (text) => {
    expect(writeYaml(new YamlMap([["k", text]]))).toMatch(/^k: "/);
  });

  test("keeps numbers, dates and booleans what they were, in their own spelling", () => {
    expect(rewritten("a: 10.0\nb: 012\nc: on\nd: 2020-01-01\ne: 1e3\nf: ~\ng: 0x1F\nh: '8'\n")).toBe(
      'a: 10.0\nb: 012\nc: true\nd: 2020-01-01\ne: "1e3"\nf: null\ng: 0x1F\nh: "8"\n',
    );
  });

  test("gives every text back that it wrote, and the same bytes the second time", () => {
    assert(
      property(anyText(), anyText(), (key, value) => {
        const text = writeYaml(new YamlMap([[key, [value, new YamlMap([["k", value]])]]]));
        expect(text).toMatch(/^[\x20-\x7e\n]*$/);
        expect(rewritten(text)).toBe(text);
        expect(readYaml(text, "it").entries).toEqual([[key, [value, new YamlMap([["k", value]])]]]);
      }),
    );
  });
});

/** Class of what comes back or is thrown. */
function answerTo(text: string): string {
  try {
    return readYaml(text, "it").constructor.name;
  } catch (error) {
    return error instanceof Error ? error.constructor.name : "something else";
  }
}
