/// <reference types="node" />
import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { drivers } from "./connections.ts";
import { authDrivers } from "./auth.ts";
import { type Daemon, daemons, loadersOf } from "./daemons.ts";
import type { OptionRule, OptionTable } from "./options.ts";
import { fileOf, type Rendered, renderObjects, zuulWith } from "./render.builders.ts";

/** Everything that must survive the way into the file and back out of Python. */
const awkward = "a%b%(c)s%% 'q\" #h ;s =e $d żółć [x]";

/** Sections as Python's own parser reads them; of a connection as Zuul asks for it, with `items()`. */
function readByPython(text: string): Record<string, Record<string, string>> {
  const script =
    "import configparser,json,sys; p=configparser.ConfigParser(); p.read_string(sys.stdin.read()); " +
    "json.dump({s: dict(p.items(s)) for s in p.sections()}, sys.stdout)";
  return JSON.parse(execFileSync("python3", ["-c", script], { input: text, encoding: "utf8" }));
}

/** A plausible value of an option, and what the file must say about it. */
function wish(option: string, rule: OptionRule, secret: string): { given: unknown; text: string | { file: string } } {
  switch (rule.kind) {
    case "integer":
      return { given: 7, text: "7" };
    case "number":
      return { given: 2.5, text: "2.5" };
    case "boolean":
      return { given: true, text: "true" };
    case "list":
      return { given: ["a", "b"], text: ["a", "b"].join(rule.separator ?? ",") };
    case "text":
      return rule.oneOf === undefined ? { given: awkward, text: awkward } : { given: rule.oneOf[0], text: rule.oneOf[0] ?? "" };
    case "secret":
      return { given: { secretName: secret, key: option }, text: `${awkward} ${option}` };
    case "file":
    case "secretFile":
      return { given: { secretName: secret }, text: { file: `${awkward} ${option}` } };
    default:
      return rule.kind satisfies never;
  }
}

async function renderSection(section: Record<string, unknown>, table: OptionTable): Promise<Rendered> {
  const stringData = Object.fromEntries(Object.keys(table).map((option) => [option, `${awkward} ${option}`]));
  return renderObjects([
    { kind: "ConfigMap", metadata: { name: "tenants" }, data: { "main.yaml": "[]" } },
    { kind: "Secret", metadata: { name: "s" }, stringData },
    zuulWith({ scheduler: { config: "tenants" }, database: { mode: "single" }, ...section }),
  ]);
}

function expectSection(rendered: Rendered, name: string, table: OptionTable, loaders: readonly Daemon[]): void {
  for (const daemon of daemons) {
    const files = rendered.config.daemons[daemon];
    const section = readByPython(fileOf(files, "zuul.conf"))[name];
    if (!loaders.includes(daemon)) {
      expect(section, `${daemon} must not know ${name}`).toBeUndefined();
      continue;
    }
    const wanted = Object.entries(table).filter(([, rule]) => (rule.readers ?? loaders).includes(daemon));
    expect(Object.keys(section ?? {}).toSorted()).toEqual(["driver", ...wanted.map(([option]) => option)].toSorted());
    for (const [option, rule] of wanted) {
      const { text } = wish(option, rule, "s");
      const written = section?.[option] ?? "";
      if (typeof text === "string") expect(written, `${daemon} ${option}`).toBe(text);
      else {
        const content = fileOf(files, written.replace(/^\/etc\/zuul\//, ""));
        expect(content.replace(/\n$/, ""), `${daemon} ${option}`).toBe(text.file);
      }
    }
  }
}

describe("every connection driver", () => {
  test.each(Object.entries(drivers))("%s: each option reaches the daemons that use it, unchanged", async (driver, { role, options }) => {
    const table: OptionTable = options;
    const given = Object.fromEntries(Object.entries(table).map(([option, rule]) => [option, wish(option, rule, "s").given]));
    const rendered = await renderSection({ connections: { [`my ${driver}.x`]: { driver, ...given } } }, table);
    expectSection(rendered, `connection my ${driver}.x`, table, loadersOf[role]);
  });

  test("git_over_ssh: false is left out, because Zuul takes any text for true", async () => {
    const gerrit = { driver: "gerrit", server: "g", user: "z", git_over_ssh: false };
    const { config } = await renderSection({ connections: { gerrit } }, {});
    expect(fileOf(config.daemons.merger, "zuul.conf")).not.toContain("git_over_ssh");
  });
});

describe("every auth driver", () => {
  test.each(Object.entries(authDrivers))("%s: each option reaches web alone", async (driver, options) => {
    const table: OptionTable = options;
    const given = Object.fromEntries(Object.entries(table).map(([option, rule]) => [option, wish(option, rule, "s").given]));
    const rendered = await renderSection({ auth: { mine: { driver, ...given } } }, table);
    expectSection(rendered, "auth mine", table, ["web"]);
  });
});
