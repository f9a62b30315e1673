/** Debian packages that a part of the e2e needs: named in one line when missing, installed when we may. I/O: apt. */
import { existsSync } from "node:fs";
import { run } from "./run.ts";

export interface PackageNeed {
  /** Any of these files says that the package is there. */
  readonly files: readonly string[];
  readonly package: string;
}

let turn: Promise<unknown> = Promise.resolve();

/**
 * Parts of the e2e start side by side; apt lets only one in at a time, so they take turns.
 * @param what for the message: "A real node"
 * @returns whether anything was installed
 * @throws Error with the packages and the command for them, unless `yes`
 */
export function ensurePackages(
  what: string,
  needs: readonly PackageNeed[],
  yes: boolean,
  say: (line: string) => void,
): Promise<boolean> {
  const mine = turn.then(() => install(what, needs, yes, say));
  turn = mine.catch(() => undefined);
  return mine;
}

async function install(
  what: string,
  needs: readonly PackageNeed[],
  yes: boolean,
  say: (line: string) => void,
): Promise<boolean> {
  const missing = needs
    .filter(({ files }) => !files.some((file) => existsSync(file)))
    .map((need) => need.package);
  if (missing.length === 0) return false;
  const command = ["install", "-y", "--no-install-recommends", ...missing];
  if (!yes)
    throw new Error(
      `${what} needs ${missing.join(", ")}. Install with: apt-get update && apt-get ${command.join(" ")} (or add --yes)`,
    );
  say(`installing ${missing.join(", ")}`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await run(["apt-get", "update", "-qq"], { env });
  await run(["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300", ...command], { env });
  return true;
}
