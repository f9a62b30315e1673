/**
 * Adds up the ledger that the suites wrote: what failed once more, as a long log hides it, then `N passed, N failed`.
 * No line in the ledger is a failure.
 */
import { add, readLedger, summaryLine } from "./count.ts";

const total = add(readLedger(process.argv[2] ?? ""));
for (const failure of total.failures) process.stdout.write(`failed: ${failure.replaceAll("\n", "\n    ")}\n`);
process.stdout.write(`${summaryLine(total)}\n`);
process.exitCode = total.failures.length === 0 && total.passed > 0 ? 0 : 1;
