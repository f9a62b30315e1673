/** Adds up the ledger that the suites wrote (one JSON line each) and prints `N passed, N failed`; no line is a failure. */
import { readFileSync } from "node:fs";
import { add, type Count, summaryLine } from "./step.ts";

const lines = readFileSync(process.argv[2] ?? "", "utf8")
  .split("\n")
  .filter((line) => line !== "");
const total = add(lines.map((line) => JSON.parse(line) as Count));
process.stdout.write(`${summaryLine(total)}\n`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
