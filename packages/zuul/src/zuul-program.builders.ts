/// <reference types="node" />
/** The real Zuul, for tests: installed once per version into the cache folder. I/O: files, processes, registry. */
import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { defaultZuulVersion } from "./spec.ts";

const run = promisify(execFile);

/** Runs a Python program in Zuul's environment; rejects with its output when it fails. */
export type ZuulPython = (
  source: string,
  given: { readonly args?: readonly string[]; readonly input?: string },
) => Promise<string>;

export async function zuulPython(): Promise<ZuulPython> {
  const home = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const parent = join(process.env["ZUUL_PULP_CACHE"] ?? join(home, "zuul-pulp"), "python");
  const folder = join(parent, `zuul-${defaultZuulVersion}`);
  if (!existsSync(folder)) await install(parent, folder);
  const env = { ...process.env, PATH: `${join(folder, "stubs")}:${process.env["PATH"] ?? ""}` };
  return async (source, { args = [], input = "" }) => {
    const running = run(join(folder, "bin", "python"), ["-W", "ignore", "-c", source, ...args], { env });
    running.child.stdin?.end(input);
    return (await running).stdout;
  };
}

/** Built beside its place and moved there whole, so that an interrupted installation leaves nothing half done. */
async function install(parent: string, folder: string): Promise<void> {
  mkdirSync(parent, { recursive: true });
  const building = mkdtempSync(join(parent, ".building-"));
  try {
    await run("python3", ["-m", "venv", building]).catch((cause: unknown) => {
      throw new Error("This test needs python3 with its venv module: install python3-venv", { cause });
    });
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    await run(join(building, "bin", "python"), [...pip, `zuul==${defaultZuulVersion}`]);
    // Zuul asks for the version of bubblewrap as soon as it builds its drivers; nothing is ever sandboxed here.
    mkdirSync(join(building, "stubs"));
    writeFileSync(join(building, "stubs", "bwrap"), "#!/bin/sh\necho bubblewrap 0.8.0\n");
    chmodSync(join(building, "stubs", "bwrap"), 0o755);
    if (!existsSync(folder)) renameSync(building, folder);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}
