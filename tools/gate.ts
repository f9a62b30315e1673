/** `npm test`: every gate that needs no container, in CI's order; ends with one line of counts and their exit code. */
import { readdirSync } from "node:fs";
import { add, type Count, noteInLedger, summaryLine } from "./count.ts";
import { runStep, type Step } from "./step.ts";

const unit = ["packages", "apps", "examples"]
  .flatMap((parent) => readdirSync(parent))
  .concat("tools", "cluster", "images", "demo", "lab", "bench", "proof");

const steps: readonly Step[] = [
  {
    name: "generated files are current",
    argv: ["node", "--conditions=@zuul-pulp/source", "tools/gen.ts", "--check"],
  },
  { name: "format", argv: ["biome", "format"] },
  { name: "lint", argv: ["oxlint", "--deny-warnings"] },
  { name: "types", argv: ["tsc", "-b"] },
  {
    name: "unit and property tests",
    argv: ["vitest", "run", "--maxWorkers=2", ...unit.flatMap((name) => ["--project", name])],
    counts: "vitest",
  },
  {
    name: "integration on a real API server",
    // Most of their time they wait.
    argv: ["vitest", "run", "--maxWorkers=3", "--project", "api"],
    counts: "vitest",
  },
];

const counts: Count[] = [];
for (const step of steps) counts.push(await runStep(step));
const total = add(counts);
process.stdout.write(`\n${summaryLine(total)}\n`);
noteInLedger(total);
process.exitCode = total.failures.length === 0 ? 0 : 1;
