/**
 * A lock between processes on one machine: a file that names its holder. A holder that died no longer counts.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { isAlive, processIdentity } from "./processes.ts";

/** Runs `work` while holding the lock at `path`; calls `onWait` once when another live process holds it. */
export async function withLock<T>(path: string, onWait: () => void, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  let told = false;
  while (!take(path)) {
    if (!told) onWait();
    told = true;
    // The holder is not our child, so its end can only be looked for.
    await pause(200);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function take(path: string): boolean {
  try {
    writeFileSync(path, processIdentity(process.pid) ?? "", { flag: "wx" });
    return true;
  } catch (error) {
    if (!isExisting(error)) throw error;
  }
  let holder = "";
  try {
    holder = readFileSync(path, "utf8");
  } catch {
    return false;
  }
  // An empty file is a holder between creating and writing it: look again.
  if (holder !== "" && !isAlive(holder)) rmSync(path, { force: true });
  return false;
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EEXIST";
}
