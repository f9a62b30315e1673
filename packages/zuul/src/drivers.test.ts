/// <reference types="node" />
import { execFileSync } from "node:child_process";
import { beforeAll, describe, expect, test } from "vitest";
import { type Daemon, daemons } from "./daemons.ts";
import { type EveryDriver, everyDriver, renderEveryDriver, type Sections } from "./every-driver.builders.ts";
import { fileOf, renderObjects, zuulWith } from "./render.builders.ts";

/** A file as Python's own parser reads it; section by section with `items()`, as Zuul asks for it. */
function readByPython(text: string): Sections {
  const script = [
    "import configparser, json, sys",
    "p = configparser.ConfigParser()",
    "p.read_string(sys.stdin.read())",
    "json.dump({s: dict(p.items(s)) for s in p.sections()}, sys.stdout)",
  ].join("\n");
  return JSON.parse(execFileSync("python3", ["-c", script], { input: text, encoding: "utf8" }));
}

describe("every driver", () => {
  let every: EveryDriver;
  let seen: ReadonlyMap<Daemon, Sections>;

  beforeAll(async () => {
    every = await renderEveryDriver();
    const { config } = every.rendered;
    const read = (daemon: Daemon) => readByPython(fileOf(config.daemons[daemon], "zuul.conf"));
    seen = new Map(daemons.map((daemon) => [daemon, read(daemon)]));
  });

  test.each(everyDriver.map(({ section }) => section))(
    "%s: each option reaches the daemons that use it, unchanged, and no other",
    (section) => {
      for (const daemon of daemons) {
        const options = seen.get(daemon)?.[section];
        expect(options && withContents(daemon, options), daemon).toEqual(every.promised[daemon][section]);
      }
    },
  );

  /** Paths replaced by what the files there hold. */
  function withContents(daemon: Daemon, options: Sections[string]): Sections[string] {
    const contents = Object.entries(options).map(([option, value]) => {
      const [, file] = /^\/etc\/zuul\/(.+)$/.exec(value) ?? [];
      return [option, file === undefined ? value : fileOf(every.rendered.config.daemons[daemon], file)];
    });
    return Object.fromEntries(contents);
  }
});

describe("a secret that a line cannot hold", () => {
  test("is refused by object, key and place, for every driver at once, and its value is not told", async () => {
    const canary = "c4n4ry";
    const refusal = await renderEveryDriver((option) => `${canary}\n${option}`).then(
      () => ({ reason: "none", message: "" }),
      (error: { reason: string; message: string }) => error,
    );
    expect(refusal.reason).toBe("InvalidSecret");
    expect(refusal.message).not.toContain(canary);
    const strings = everyDriver.flatMap(({ map, name, table, secretName }) =>
      Object.entries(table)
        .filter(([, { kind }]) => kind === "secret")
        .map(([option]) => `key "${option}" of Secret "${secretName}" (spec.${map}.${name}.${option})`),
    );
    const rule = "it contains a line break, which one line of zuul.conf cannot hold";
    expect(refusal.message.split("; ").toSorted()).toEqual(
      strings.map((place) => `Cannot use ${place}: ${rule}`).toSorted(),
    );
  });
});

describe("git_over_ssh", () => {
  test("is left out when false, because Zuul takes any text for true", async () => {
    const gerrit = { driver: "gerrit", server: "g", user: "z", git_over_ssh: false };
    const { config } = await renderObjects([
      { kind: "ConfigMap", metadata: { name: "tenants" }, data: { "main.yaml": "[]" } },
      zuulWith({ scheduler: { config: "tenants" }, database: { mode: "single" }, connections: { gerrit } }),
    ]);
    expect(fileOf(config.daemons.merger, "zuul.conf")).not.toContain("git_over_ssh");
  });
});
