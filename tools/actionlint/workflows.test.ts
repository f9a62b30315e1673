/** The workflows are valid, pinned by commit, and have no right that a job does not ask for. I/O: Go builds the linter. */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const run = promisify(execFile);
const folder = join(import.meta.dirname, "..", "..", ".github", "workflows");
const workflows = readdirSync(folder).map((name) => ({
  name,
  text: readFileSync(join(folder, name), "utf8"),
}));

describe("workflows", () => {
  test("satisfy actionlint", { timeout: 300_000 }, async () => {
    const files = workflows.map(({ name }) => join(folder, name));
    // Linters for shell and Python are left out: they would judge by what a machine happens to have.
    const linting = run("go", [
      "-C",
      import.meta.dirname,
      "tool",
      "actionlint",
      "-shellcheck=",
      "-pyflakes=",
      ...files,
    ]);
    await expect(linting).resolves.toMatchObject({ stdout: "" });
  });

  test.each(workflows)("of $name pin every action by its full commit", ({ text }) => {
    const uses = [...text.matchAll(/^\s*-? ?uses: (.*)$/gm)].map(([, action]) => action);
    expect(uses.length).toBeGreaterThan(0);
    for (const action of uses) expect(action).toMatch(/^[\w./-]+@[0-9a-f]{40} # v\d/);
  });

  test.each(workflows)(
    "of $name start without rights and never keep credentials in the checkout",
    ({ text }) => {
      expect(text).toMatch(/^permissions: \{\}$/m);
      expect(text.match(/actions\/checkout@/g)?.length).toBe(
        text.match(/persist-credentials: false/g)?.length,
      );
    },
  );

  test.each(workflows)("of $name put no expression into a shell", ({ text }) => {
    for (const [step] of text.matchAll(/run: (?:[^|].*|\|\n(?: {10,}.*\n)+)/g))
      expect(step).not.toContain("${{");
  });
});
