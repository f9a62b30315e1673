/** Pushes a commit to the demo's git server and follows the job that Zuul runs for it. Talks HTTP and git. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../run.ts";
import { waitFor } from "../wait-for.ts";

export interface Build {
  readonly uuid: string;
  readonly job_name: string;
  readonly result: string;
  readonly newrev?: string;
  readonly ref?: { readonly newrev?: string };
}

export interface ZuulAddresses {
  /** Base URL of zuul-web, without trailing slash. */
  readonly web: string;
  /** `git://host:port` of the git server. */
  readonly git: string;
}

export async function json<T>(url: string, init?: RequestInit, timeoutMs = 15_000): Promise<T> {
  const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
  if (!answer.ok)
    throw new Error(
      `${init?.method ?? "GET"} ${url} answered ${answer.status}: ${(await answer.text()).slice(0, 300)}`,
    );
  return (await answer.json()) as T;
}

/** Commits a new file to `sandbox` and pushes it; returns the commit. */
export async function pushCommit({ git }: ZuulAddresses): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sandbox-"));
  const inRepo = (...args: string[]): Promise<string> =>
    run(["git", "-C", folder, "-c", "user.name=demo", "-c", "user.email=demo@example.org", ...args]);
  try {
    await run(["git", "clone", "-q", `${git}/sandbox`, folder]);
    await writeFile(join(folder, "change.txt"), `${new Date().toISOString()}\n`);
    await inRepo("add", ".");
    await inRepo("commit", "-qm", "Ask for a job");
    await inRepo("push", "-q", "origin", "HEAD:main");
    return (await inRepo("rev-parse", "HEAD")).trim();
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * Pushes a commit and waits until Zuul lists a finished build for it.
 *
 * The git driver learns a branch's present commit at its first poll and reports only later ones; a push that comes
 * before that poll starts nothing, so the push is repeated once a minute until a build appears.
 */
export async function runJob(
  addresses: ZuulAddresses,
  tenant: string,
  say: (line: string) => void,
): Promise<Build> {
  const builds = `${addresses.web}/api/tenant/${tenant}/builds`;
  for (let attempt = 1; ; attempt += 1) {
    const commit = await pushCommit(addresses);
    say(`pushed ${commit.slice(0, 10)} to sandbox`);
    try {
      return await waitFor(
        { what: `a build for ${commit.slice(0, 10)}`, timeoutMs: attempt < 5 ? 60_000 : 180_000 },
        async () =>
          (await json<readonly Build[]>(builds)).find(
            (build) =>
              (build.ref?.newrev ?? build.newrev) === commit &&
              build.result !== null &&
              build.result !== undefined,
          ),
      );
    } catch (error) {
      if (attempt >= 5) throw error;
    }
  }
}
