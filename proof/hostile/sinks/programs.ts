/** Where the programs are that judge, as the packages' own tests install them. I/O: processes, registry at first. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Python with the Dynaconf that pulpcore 3.123 asks for. */
export const dynaconf = (): Promise<string> => pythonWith("dynaconf-3.3.5", ["dynaconf==3.3.5"]);
/** Python with the SQLAlchemy that Zuul 14.3.0 gets. */
export const sqlAlchemy = (): Promise<string> => pythonWith("sqlalchemy-2.0.58", ["sqlalchemy==2.0.58"]);
export const nodepool = (): Promise<string> =>
  pythonWith("nodepool-11.0.0", ["nodepool==11.0.0", "cachetools"]);

/** Built beside its place and moved there whole, so that an interrupted installation leaves nothing half done. */
async function pythonWith(name: string, requirements: readonly string[]): Promise<string> {
  const home = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const parent = join(process.env["ZUUL_PULP_CACHE"] ?? join(home, "zuul-pulp"), "python");
  const folder = join(parent, name);
  const python = join(folder, "bin", "python");
  if (existsSync(folder)) return python;
  mkdirSync(parent, { recursive: true });
  const building = mkdtempSync(join(parent, ".building-"));
  try {
    await run("python3", ["-m", "venv", building]);
    await run(join(building, "bin", "python"), ["-m", "pip", "install", "--quiet", ...requirements]);
    if (!existsSync(folder)) renameSync(building, folder);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  return python;
}
