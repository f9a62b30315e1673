/** What an oracle is. Each file in this folder that exports `oracle` adds one; they are found by their place. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { State } from "../lab/state.ts";
import type { Seen } from "../proxy/proxy.ts";
import type { Scenario } from "../scenarios/scenario.ts";

export interface Evidence {
  readonly scenario: Scenario;
  /** The undisturbed run. */
  readonly reference: Run;
  readonly run: Run;
}

/** One run of a scenario, disturbed or not. */
export interface Run {
  /** Before the act; nothing of the resource for a first install. */
  readonly before: State;
  readonly after: State;
  /** Why it did not settle in time. */
  readonly unsettled: readonly string[];
  readonly seen: readonly Seen[];
  /** Watches that brought events. */
  readonly heard: readonly string[];
  /** Whether the fault came to pass. */
  readonly hasStruck: boolean;
  /** Calls other than watches and about the Lease, in a forced pass after it had settled. */
  readonly atRest: readonly Seen[];
  /** Of all processes, from the act on. */
  readonly log: readonly unknown[];
  /** Output that is no log line. */
  readonly stray: string;
}

export interface Oracle {
  readonly name: string;
  readonly meaning: string;
  /** One sentence for each thing that is wrong. Pure. */
  judge(evidence: Evidence): readonly string[];
}

export async function allOracles(): Promise<readonly Oracle[]> {
  const found: Oracle[] = [];
  for (const file of readdirSync(import.meta.dirname).sort()) {
    if (file === "oracle.ts" || !file.endsWith(".ts") || file.endsWith(".test.ts")) continue;
    const module: { readonly oracle: Oracle } = await import(join(import.meta.dirname, file));
    found.push(module.oracle);
  }
  return found;
}

/** `apply deployments @-web` of those that made an object, with how often. */
export function counted(seen: readonly Seen[], isMeant: (one: Seen) => boolean): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const one of seen.filter(isMeant)) {
    const object = one.call.key.slice(one.call.key.indexOf(" ") + 1);
    counts.set(object, (counts.get(object) ?? 0) + 1);
  }
  return counts;
}
