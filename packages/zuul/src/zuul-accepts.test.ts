/// <reference types="node" />
/** Zuul's own code loads what we render, with every driver, and gets every value back as it was. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { daemons } from "./daemons.ts";
import {
  type EveryDriver,
  filesFor,
  renderEveryDriver,
  type Sections,
  zuulLoads,
} from "./every-driver.builders.ts";
import { fileOf } from "./render.builders.ts";
import { reconfigurable } from "./sections.ts";
import { type ZuulPython, zuulPython } from "./zuul-program.builders.ts";

/** `zuul-admin tenant-conf-check` needs neither ZooKeeper nor a database. */
const check = `
import sys
from zuul.cmd.client import main
sys.argv = ["zuul-admin", "-c", sys.argv[1], "tenant-conf-check"]
main()
`;

/** Reads `[[section, option]]` and prints those that make no difference to what a reconfiguration takes up. */
const without = `
import configparser, json, sys
from zuul.model import SystemAttributes
def attributes(*options):
    config = configparser.ConfigParser()
    config.read_dict({section: {option: value} for section, option, value in options})
    return SystemAttributes.fromConfig(config)
def matters(section, option):
    return attributes((section, option, "1")) != attributes()
json.dump([one for one in json.load(sys.stdin) if not matters(*one)], sys.stdout)
`;

describe("Zuul 14", () => {
  let python: ZuulPython;
  let every: EveryDriver;
  const folder = mkdtempSync(join(tmpdir(), "zuul-accepts-"));

  // The first run installs Zuul.
  beforeAll(async () => {
    [python, every] = await Promise.all([zuulPython(), renderEveryDriver()]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(daemons)(
    "builds the connections of %s and hands it every value as it was given",
    async (daemon) => {
      const seen: Sections = JSON.parse(await python(zuulLoads, { input: filesFor(daemon, every.rendered) }));
      expect(seen).toEqual(every.promised[daemon]);
    },
  );

  test("takes up, when told to reconfigure, every option for which nothing is restarted", async () => {
    const options = [...reconfigurable, "merger.git_timeout"].map((option) => option.split("."));
    const answer = await python(without, { input: JSON.stringify(options) });
    expect(JSON.parse(answer)).toEqual([["merger", "git_timeout"]]);
  });

  test("accepts the tenant file with these connections", async () => {
    const { scheduler } = every.rendered.config.daemons;
    for (const name of scheduler.entries.keys()) {
      const text = fileOf(scheduler, name);
      const here = name === "zuul.conf" ? text.replaceAll("=/etc/zuul/", `=${folder}/`) : text;
      writeFileSync(join(folder, name), here);
    }
    await expect(python(check, { args: [join(folder, "zuul.conf")] })).resolves.toBeDefined();
  });
});
