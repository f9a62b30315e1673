/** The programs that make images, started with argv lists. I/O. Storage is our own: nothing of the machine's. */
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const cacheRoot =
  process.env["ZUUL_PULP_CACHE"] ??
  join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "zuul-pulp");

/** Folder below the cache that belongs to the images; made when missing. */
export function cacheFolder(...parts: readonly string[]): string {
  const folder = join(cacheRoot, "images", ...parts);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/**
 * Runs a program to its end and gives its standard output.
 * @throws Error with the last lines of its output when it ends with another code than 0
 */
export function execute(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, TMPDIR: cacheFolder("tmp") };
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env });
    let out = "";
    let tail = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
      tail = (tail + text).slice(-3000);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      tail = (tail + text).slice(-3000);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(out.trim());
      else
        reject(
          new Error(`Cannot run "${[program, ...args].join(" ").slice(0, 300)}": exit ${code}\n${tail}`),
        );
    });
  });
}

/** Runs buildah on our own storage. Overlay needs a file system below it that is not an overlay itself. */
export function buildah(...args: readonly string[]): Promise<string> {
  const driver = process.env["ZUUL_PULP_IMAGE_DRIVER"] ?? "overlay";
  const storage = [
    "--root",
    cacheFolder("storage"),
    "--runroot",
    cacheFolder("run"),
    "--storage-driver",
    driver,
  ];
  return execute("buildah", [...storage, ...args]);
}
