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

type Sections = Readonly<Record<string, Values>>;
type Values = Readonly<Record<string, string>>;

/** Each file's sections as Python's own parser reads them; of a connection as Zuul asks for it, with `items()`. */
function readByPython(texts: readonly string[]): readonly Sections[] {
  const script = [
    "import configparser, json, sys",
    "def sections(text):",
    "    p = configparser.ConfigParser()",
    "    p.read_string(text)",
    "    return {s: dict(p.items(s)) for s in p.sections()}",
    "json.dump([sections(text) for text in json.load(sys.stdin)], sys.stdout)",
  ].join("\n");
  return JSON.parse(
    execFileSync("python3", ["-c", script], { input: JSON.stringify(texts), encoding: "utf8" }),
  );
}

/** A plausible value of an option, and what the file must say about it. */
function wish(option: string, rule: OptionRule, secret: string): { given: unknown; text: string } {
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
      return rule.oneOf === undefined
        ? { given: awkward, text: awkward }
        : { given: rule.oneOf[0], text: rule.oneOf[0] ?? "" };
    case "secret":
      return { given: { secretName: secret, key: option }, text: `${awkward} ${option}` };
    case "file":
    case "secretFile":
      return { given: { secretName: secret }, text: `${awkward} ${option}` };
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

/** What each daemon's file says about a section; a path is replaced by what the file there holds. */
function seenBy({ config }: Rendered, section: string): Readonly<Record<string, Values | undefined>> {
  const read = readByPython(daemons.map((daemon) => fileOf(config.daemons[daemon], "zuul.conf")));
  const seen = daemons.map((daemon, index) => {
    const files = config.daemons[daemon];
    const options = read[index]?.[section];
    const values = Object.entries(options ?? {}).map(([option, value]) => {
      const [, file] = /^\/etc\/zuul\/(.+)$/.exec(value) ?? [];
      return [option, file === undefined ? value : fileOf(files, file).replace(/\n$/, "")];
    });
    return [daemon, options === undefined ? undefined : Object.fromEntries(values)];
  });
  return Object.fromEntries(seen);
}

/** What the catalogue promises: daemons that do not load the section know nothing of it. */
function promisedTo(
  driver: string,
  table: OptionTable,
  loaders: readonly Daemon[],
): Readonly<Record<string, Values | undefined>> {
  const promised = daemons.map((daemon) => {
    const mine = Object.entries(table).filter(([, rule]) => (rule.readers ?? loaders).includes(daemon));
    const values = Object.fromEntries(mine.map(([option, rule]) => [option, wish(option, rule, "s").text]));
    return [daemon, loaders.includes(daemon) ? { driver, ...values } : undefined];
  });
  return Object.fromEntries(promised);
}

describe("every connection driver", () => {
  test.each(Object.entries(drivers))(
    "%s: each option reaches the daemons that use it, unchanged",
    async (driver, { role, options }) => {
      const table: OptionTable = options;
      const given = Object.fromEntries(
        Object.entries(table).map(([option, rule]) => [option, wish(option, rule, "s").given]),
      );
      const rendered = await renderSection(
        { connections: { [`my ${driver}.x`]: { driver, ...given } } },
        table,
      );
      expect(seenBy(rendered, `connection my ${driver}.x`)).toEqual(
        promisedTo(driver, table, loadersOf[role]),
      );
    },
  );

  test("git_over_ssh: false is left out, because Zuul takes any text for true", async () => {
    const gerrit = { driver: "gerrit", server: "g", user: "z", git_over_ssh: false };
    const { config } = await renderSection({ connections: { gerrit } }, {});
    expect(fileOf(config.daemons.merger, "zuul.conf")).not.toContain("git_over_ssh");
  });
});

describe("every auth driver", () => {
  test.each(Object.entries(authDrivers))("%s: each option reaches web alone", async (driver, options) => {
    const table: OptionTable = options;
    const given = Object.fromEntries(
      Object.entries(table).map(([option, rule]) => [option, wish(option, rule, "s").given]),
    );
    const rendered = await renderSection({ auth: { mine: { driver, ...given } } }, table);
    expect(seenBy(rendered, "auth mine")).toEqual(promisedTo(driver, table, ["web"]));
  });
});
