/// <reference types="node" />
import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { exitCodes, scripts } from "./scripts.ts";

describe("scripts", () => {
  test.each(Object.entries(scripts))("%s is Python", (name, text) => {
    const compile = "import sys; compile(sys.stdin.read(), sys.argv[1], 'exec')";
    expect(() => execFileSync("python3", ["-c", compile, name], { input: text })).not.toThrow();
  });

  test("what the migration asks Pulp is Python, too", () => {
    const question = /QUESTION = """([^]*?)"""/.exec(scripts["migrate.py"] ?? "")?.[1] ?? "";
    expect(question).toContain("MigrationLoader");
    const compile = "import sys; compile(sys.stdin.read(), 'question', 'exec')";
    expect(() => execFileSync("python3", ["-c", compile], { input: question })).not.toThrow();
  });

  test("say each thing by a code of its own, beyond those that programs and signals end with", () => {
    const codes = Object.values(exitCodes);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes.every((code) => code > 63 && code < 126)).toBe(true);
  });
});
