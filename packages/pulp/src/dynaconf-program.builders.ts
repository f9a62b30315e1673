/// <reference types="node" />
/** The real Dynaconf, for tests: installed once into the cache folder. I/O: files, processes, registry. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The release that pulpcore 3.123 asks for. */
const version = "3.3.5";

/** Compares what Dynaconf makes of a settings file with JSON texts by name, and prints the names that differ. */
const judge = `
import json, sys
from dynaconf import Dynaconf
settings = Dynaconf(settings_files=[sys.argv[1]], core_loaders=["PY"], envvar_prefix="PULP", load_dotenv=False)
def plain(v):
    if isinstance(v, dict): return {k: plain(x) for k, x in v.items()}
    if isinstance(v, (list, tuple)): return [plain(x) for x in v]
    return v
def text(v): return json.dumps(v, sort_keys=True, default=repr)
wanted = json.load(open(sys.argv[2]))
print(json.dumps({n: [text(plain(settings.get(n))), w] for n, w in wanted.items() if text(plain(settings.get(n))) != text(json.loads(w))}))
`;

/** @returns names of settings that Dynaconf reads differently, with both texts */
export async function misreadByDynaconf(
  settingsPy: string,
  wanted: Readonly<Record<string, string>>,
): Promise<unknown> {
  const python = join(await environment(), "bin", "python");
  const folder = mkdtempSync(join(tmpdir(), "settings-"));
  try {
    writeFileSync(join(folder, "settings.py"), settingsPy);
    writeFileSync(join(folder, "wanted.json"), JSON.stringify(wanted));
    const { stdout } = await run(python, [
      "-c",
      judge,
      join(folder, "settings.py"),
      join(folder, "wanted.json"),
    ]);
    return JSON.parse(stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Built beside its place and moved there whole, so that an interrupted installation leaves nothing half done. */
async function environment(): Promise<string> {
  const home = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const parent = join(process.env["ZUUL_PULP_CACHE"] ?? join(home, "zuul-pulp"), "python");
  const folder = join(parent, `dynaconf-${version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(parent, { recursive: true });
  const building = mkdtempSync(join(parent, ".building-"));
  try {
    await run("python3", ["-m", "venv", building]).catch((cause: unknown) => {
      throw new Error("This test needs python3 with its venv module: install python3-venv", { cause });
    });
    await run(join(building, "bin", "python"), ["-m", "pip", "install", "--quiet", `dynaconf==${version}`]);
    if (!existsSync(folder)) renameSync(building, folder);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  return folder;
}
