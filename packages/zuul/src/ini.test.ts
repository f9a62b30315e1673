/// <reference types="node" />
import { execFileSync } from "node:child_process";
import { assert, array, constantFrom, oneof, property, string, uniqueArray } from "fast-check";
import { describe, expect, test } from "vitest";
import { type IniSection, refusalOf, renderIni } from "./ini.ts";

/** What Python itself makes of a file: the only judge. */
function readByPython(texts: readonly string[]): readonly Record<string, Record<string, string>>[] {
  const script = [
    "import configparser, json, sys",
    "out = []",
    "for text in json.load(sys.stdin):",
    "    p = configparser.ConfigParser()",
    "    p.read_string(text)",
    "    out.append({s: dict(p.items(s)) for s in p.sections()})",
    "json.dump(out, sys.stdout)",
  ].join("\n");
  return JSON.parse(
    execFileSync("python3", ["-c", script], { input: JSON.stringify(texts), encoding: "utf8" }),
  );
}

const section = (value: string): IniSection => ({
  name: "connection x",
  options: new Map([["password", value]]),
});

describe("renderIni()", () => {
  test.each([
    "a%b%(x)s%%",
    "100%",
    "a#b;c",
    "# not a comment",
    "; neither",
    "x=y:z",
    "'quoted'",
    '"quoted"',
    "$HOME ${x}",
    "back\\slash",
    "[brackets]",
    "",
    "tab\tinside",
    "żółć 🔑",
    "\uFEFFbom",
    "\u200Bzero width",
    "p%40ss",
  ])("is read back by Python: %j", (value) => {
    const [read] = readByPython([renderIni([section(value)])]);
    expect(read).toEqual({ "connection x": { password: value } });
  });

  test("gives every accepted value back exactly, whatever it is", () => {
    const spice = constantFrom(
      "%",
      "%(x)s",
      "#",
      ";",
      "=",
      ":",
      "[",
      "]",
      "\n",
      "\r",
      " ",
      "\t",
      "\u0085",
      "\u001c",
      "\u2028",
      "é",
      "🔑",
    );
    const anyValue = oneof(
      string({ unit: "binary" }),
      array(oneof(spice, string({ unit: "grapheme" }))).map((parts) => parts.join("")),
    );
    const accepted: string[] = [];
    assert(
      property(uniqueArray(anyValue, { maxLength: 40 }), (values) => {
        accepted.push(...values.filter((value) => refusalOf(value) === undefined));
      }),
      { numRuns: 60 },
    );
    expect(accepted.length).toBeGreaterThan(100);
    const read = readByPython(accepted.map((value) => renderIni([section(value)])));
    expect(read.map((file) => file["connection x"]?.["password"])).toEqual(accepted);
  });

  test("keeps sections and options apart", () => {
    const [read] = readByPython([
      renderIni([
        section("1"),
        {
          name: "web",
          options: new Map([
            ["root", "https://x/"],
            ["port", "9000"],
          ]),
        },
      ]),
    ]);
    expect(read).toEqual({ "connection x": { password: "1" }, web: { root: "https://x/", port: "9000" } });
  });

  test("has no way to write the section that leaks into all others", () => {
    expect(() => renderIni([{ name: "default", options: new Map() }])).toThrow(TypeError);
  });
});

describe("refusalOf()", () => {
  test.each([
    ["x\n[scheduler]\n", "line break"],
    ["x\ry", "line break"],
    ["a\u0000b", "control character"],
    [" x", "white space"],
    ["x\u00a0", "white space"],
    ["x\u001f", "control character"],
    ["\ud800", "Unicode"],
  ])("names the rule for %j", (value, rule) => {
    expect(refusalOf(value)).toContain(rule);
  });
});
