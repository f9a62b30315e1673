/** What suites proved: counts, the names of what failed, and the ledger in which a whole run adds them up. */
import { appendFileSync, readFileSync } from "node:fs";

export interface Count {
  readonly passed: number;
  /** One entry for each failure: its name, then what was said, on as many lines as it needs. */
  readonly failures: readonly string[];
  readonly skipped: number;
}

export function add(counts: readonly Count[]): Count {
  return {
    passed: counts.reduce((sum, { passed }) => sum + passed, 0),
    failures: counts.flatMap(({ failures }) => failures),
    skipped: counts.reduce((sum, { skipped }) => sum + skipped, 0),
  };
}

export function summaryLine({ passed, failures, skipped }: Count): string {
  return `${passed} passed, ${failures.length} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`;
}

/** Adds to the file that `SUITE_LEDGER` names, if it names one: one JSON line for each suite. */
export function noteInLedger(count: Count): void {
  const ledger = process.env["SUITE_LEDGER"];
  if (ledger !== undefined) appendFileSync(ledger, `${JSON.stringify(count)}\n`);
}

export function readLedger(path: string): readonly Count[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Count);
}
