/**
 * The real Nodepool, for tests: installed once per version into the cache folder. I/O: files, processes,
 * registry.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const version = "11.0.0";

export interface NodepoolProgram {
  /** Runs a Python program in Nodepool's environment; rejects with its output when it fails. */
  python(source: string, ...args: readonly string[]): Promise<string>;
  /** `nodepool -c FILE config-validate`: rejects with what Nodepool says. */
  validate(file: string): Promise<void>;
  /**
   * Loads both files as the daemons do: `{labels, images, token}`, the labels that have a pool, the images
   * that are not abstract, the variable TOKEN of an image. The schema check alone looks at the labels of
   * OpenStack only.
   */
  load(file: string, secureFile: string): Promise<unknown>;
}

const validate = `
import sys
from nodepool.cmd.nodepoolcmd import main
sys.exit(main())
`;

/** Clouds are only named, never spoken to. */
const load = `
import json, os, sys, tempfile
from nodepool import config
with tempfile.NamedTemporaryFile("w", suffix=".yaml") as clouds:
    clouds.write("clouds: {vexx: {auth: {auth_url: http://127.0.0.1:9, username: u, password: p, project_name: p}}}")
    clouds.flush()
    os.environ["OS_CLIENT_CONFIG_FILE"] = clouds.name
    found = config.loadConfig(sys.argv[1])
    config.loadSecureConfig(found, sys.argv[2])
tokens = [image.env_vars["TOKEN"] for image in found.diskimages.values() if "TOKEN" in image.env_vars]
labels = sorted(name for name, label in found.labels.items() if label.pools)
print(json.dumps({"labels": labels, "images": sorted(found.diskimages), "token": tokens[0] if tokens else None}))
`;

export async function nodepoolProgram(): Promise<NodepoolProgram> {
  const home = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const parent = join(process.env["ZUUL_PULP_CACHE"] ?? join(home, "zuul-pulp"), "python");
  const folder = join(parent, `nodepool-${version}`);
  if (!existsSync(folder)) await install(parent, folder);
  const python = async (source: string, ...args: readonly string[]): Promise<string> => {
    const maxBuffer = 16 * 1024 * 1024;
    return (await run(join(folder, "bin", "python"), ["-c", source, ...args], { maxBuffer })).stdout;
  };
  return {
    python,
    validate: async (file) => {
      await python(validate, "-c", file, "config-validate");
    },
    load: async (file, secureFile) => JSON.parse(await python(load, file, secureFile)),
  };
}

/**
 * Built beside its place and moved there whole, so that an interrupted installation leaves nothing half
 * done.
 */
async function install(parent: string, folder: string): Promise<void> {
  mkdirSync(parent, { recursive: true });
  const building = mkdtempSync(join(parent, ".building-"));
  try {
    await run("python3", ["-m", "venv", building]).catch((cause: unknown) => {
      throw new Error(
        "This test needs python3 with its venv module: install python3-venv, then run it again",
        {
          cause,
        },
      );
    });
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    await run(join(building, "bin", "python"), [...pip, `nodepool==${version}`, "cachetools"]);
    if (!existsSync(folder)) renameSync(building, folder);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}
