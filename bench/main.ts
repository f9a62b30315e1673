/** `npm run bench`: measures the figures of the design from outside the operators and prints one table. */
import { readdirSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { inspect, parseArgs } from "node:util";
import { progressOn } from "../e2e/demo/progress.ts";
import { openLab } from "../e2e/lab/lab.ts";
import { known, orRefuse } from "../tools/command-line.ts";
import type { Figure, Reading } from "./figure.ts";
import { type Circumstances, tableOf } from "./table.ts";

const usage = `Usage: npm run bench -- [options]

  --only NAME     only this figure; may be given more than once
  -o json         the readings as JSON instead of a table
  --list          names and meanings of the figures; measures nothing

Exit codes: 0 everything was measured (a missed target is a result), 1 a measurement failed, 2 wrong usage
`;

/** Each file in `figures/` is one; the numbers in their names are the order. */
async function figures(): Promise<readonly Figure[]> {
  const folder = join(import.meta.dirname, "figures");
  const found: Figure[] = [];
  for (const file of readdirSync(folder).sort()) {
    const module: { readonly figure: Figure } = await import(join(folder, file));
    found.push(module.figure);
  }
  return found;
}

async function measure(chosen: readonly Figure[]): Promise<{ readings: Reading[]; failed: string[] }> {
  const progress = progressOn(process.stderr);
  const [readings, failed]: [Reading[], string[]] = [[], []];
  // Ctrl-C leaves no cluster and no operator behind, also while they start.
  const stop = new AbortController();
  const interrupted = (): void => stop.abort(new Error("interrupted"));
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
  await using lab = await progress.step("cluster with simulated nodes", (say) => openLab(say, stop.signal));
  stop.signal.addEventListener("abort", () => {
    void lab[Symbol.asyncDispose]().then(() => process.exit(130));
  });
  for (const { name, measure: run } of chosen) {
    try {
      const found = await progress.step(name, (say) => run(lab, say));
      readings.push(...found.map((reading) => ({ figure: name, ...reading })));
    } catch (error) {
      failed.push(name);
      progress.say(inspect(error, { depth: 4 }));
    }
  }
  process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
  return { readings, failed };
}

function circumstances(): Circumstances {
  return {
    date: new Date().toISOString().slice(0, 16).replace("T", " "),
    cores: cpus().length,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    memoryGb: Math.round(totalmem() / 1e9),
    load: loadavg()[0] ?? 0,
    node: process.versions.node,
  };
}

const { values } = orRefuse("bench", () =>
  parseArgs({
    options: {
      only: { type: "string", multiple: true },
      output: { type: "string", short: "o", default: "table" },
      list: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  }),
);

async function main(): Promise<number> {
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const all = await figures();
  const { only = all.map(({ name }) => name), output } = values;
  orRefuse("bench", () => {
    known(
      "--only",
      only,
      all.map(({ name }) => name),
    );
    known("-o", [output], ["table", "json"]);
  });
  if (values.list) {
    process.stdout.write(all.map(({ name, meaning }) => `${name.padEnd(12)}  ${meaning}\n`).join(""));
    return 0;
  }
  const before = circumstances();
  const { readings, failed } = await measure(all.filter(({ name }) => only.includes(name)));
  process.stdout.write(
    output === "json"
      ? `${JSON.stringify({ ...before, readings, failed }, null, 2)}\n`
      : tableOf(readings, before),
  );
  if (failed.length > 0) process.stderr.write(`\nNot measured: ${failed.join(", ")}\n`);
  return failed.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
}
