/**
 * Where the test clusters keep what they make: finished programs in the cache, running instances beside them.
 * Nothing is ever written into the checkout.
 */
import { accessSync, constants, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** The cache folder: `ZUUL_PULP_CACHE`, else `zuul-pulp` in the XDG cache folder. Safe to delete when nothing runs. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env["ZUUL_PULP_CACHE"] ?? join(env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "zuul-pulp");
}

/** The folder that holds one folder per running instance. */
export function instancesFolder(): string {
  return join(cacheFolder(), "clusters");
}

/** A folder in memory for etcd's data where the machine has one, else inside the instance's folder. */
export function fastFolder(name: string, instanceFolder: string): string {
  try {
    accessSync("/dev/shm", constants.W_OK);
    return join("/dev/shm", `zuul-pulp-${name}-${String(process.getuid?.() ?? 0)}`);
  } catch {
    return join(instanceFolder, "fast");
  }
}

/** Makes a folder that only its owner may enter: tokens and keys lie there. */
export function makePrivateFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}
