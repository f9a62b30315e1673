/// <reference types="node" />
import { execFileSync } from "node:child_process";
import { array, assert, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { anyPythonValue } from "./hostile.builders.ts";
import { pythonLiteral, type PythonValue } from "./python-literal.ts";

/**
 * Python compares what it makes of each literal (without its guard) with the JSON of the value, types included,
 * and prints the pairs that differ.
 */
const judge = `
import ast, json, sys
def plain(v):
    if isinstance(v, str) and v.startswith('@json "@'): return json.loads(v[6:])
    if isinstance(v, str): return v[5:] if v.startswith("@str @") else v
    if isinstance(v, list): return [plain(x) for x in v]
    if isinstance(v, dict): return {k: plain(x) for k, x in v.items()}
    return v
def text(v): return json.dumps(v, sort_keys=True)
pairs = json.load(sys.stdin)
print(json.dumps([p for p in pairs if text(plain(ast.literal_eval(p[0]))) != text(json.loads(p[1]))]))
`;

function misreadByPython(values: readonly PythonValue[]): unknown {
  const pairs = values.map((value) => [pythonLiteral(value, "x"), JSON.stringify(value)]);
  return JSON.parse(
    execFileSync("python3", ["-c", judge], { input: JSON.stringify(pairs), encoding: "utf8" }),
  );
}

describe("pythonLiteral()", () => {
  test("is read back equal by Python, whatever the value", () => {
    assert(
      property(array(anyPythonValue(), { minLength: 60, maxLength: 120 }), (values) => {
        expect(misreadByPython(values)).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  test("is one line of ASCII", () => {
    assert(
      property(anyPythonValue(), (value) => {
        expect(pythonLiteral(value, "x")).toMatch(/^[\x20-\x7e]*$/);
      }),
    );
  });

  test("does not depend on the order of keys", () => {
    expect(pythonLiteral({ b: 1, a: 2 }, "x")).toBe(pythonLiteral({ a: 2, b: 1 }, "x"));
  });

  test("guards text that Dynaconf would take as an instruction, at any depth", () => {
    expect(pythonLiteral({ a: ["@int 5"] }, "x")).toBe('{"a": ["@str @int 5"]}');
    expect(pythonLiteral("@read_file /x", "x")).toBe('"@json \\"@read_file /x\\""');
  });

  test.each([
    ["not a number", Number.NaN],
    ["infinity", Number.POSITIVE_INFINITY],
    ["an integer that JSON rounds", 2 ** 53],
    ["NUL", "a\0b"],
    ["half of a surrogate pair", "a\ud83d"],
    ["the merge word in a list", ["dynaconf_merge"]],
    ["the merge word as a key", { dynaconf_merge: true }],
  ])("refuses %s and says where", (_, value) => {
    expect(() => pythonLiteral(value, "spec.settings.X")).toThrow(/spec\.settings\.X/);
  });
});
