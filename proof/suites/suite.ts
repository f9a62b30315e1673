/** What a suite is: checks that are no plan of a scenario. Each file here that exports `suite` adds one. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Lab } from "../lab/lab.ts";

export interface Check {
  /** `zuul/killed-leader`: stable. */
  readonly id: string;
  readonly problems: readonly string[];
  readonly ms: number;
  /** What was measured, in words. */
  readonly figure?: string;
}

export interface Suite {
  /** Name on the command line. */
  readonly name: string;
  readonly meaning: string;
  /** How much of it every gate runs. Absent: none, as it takes long, or `npm test` has it. */
  readonly short?: Amounts;
  run(
    lab: Lab,
    report: (check: Check) => void,
    operators: readonly ("zuul" | "pulp")[],
    amounts: Amounts,
  ): Promise<void>;
}

/** Absent: as much as the design asks for. */
export interface Amounts {
  /** Resources. */
  readonly count?: number | undefined;
  readonly minutes?: number | undefined;
  /** Only what takes seconds, beside much else: no clock is judged. */
  readonly isShort?: boolean;
}

export async function allSuites(): Promise<readonly Suite[]> {
  const found: Suite[] = [];
  for (const file of readdirSync(import.meta.dirname).sort()) {
    if (file === "suite.ts" || !file.endsWith(".ts") || file.endsWith(".test.ts")) continue;
    const module: { readonly suite?: Suite } = await import(join(import.meta.dirname, file));
    if (module.suite !== undefined) found.push(module.suite);
  }
  return found;
}

/** Runs one check; what it throws is its problem. */
export async function check(
  report: (check: Check) => void,
  id: string,
  run: () => Promise<{ readonly problems: readonly string[]; readonly figure?: string }>,
): Promise<void> {
  const startedMs = performance.now();
  const ms = (): number => Math.round(performance.now() - startedMs);
  try {
    const outcome = await run();
    report({ id, ...outcome, ms: ms() });
  } catch (error) {
    report({ id, problems: [error instanceof Error ? error.message : String(error)], ms: ms() });
  }
}
