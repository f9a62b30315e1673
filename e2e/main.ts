/**
 * `npm run e2e`: real workloads on a real node. Brings the demo up on a cluster of its own, runs the suites of
 * `e2e/workloads` against it, and removes everything again (`--keep` leaves it for a look).
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { orRefuse, UsageError } from "../tools/command-line.ts";
import { add, type Count, noteInLedger, summaryLine } from "../tools/count.ts";
import { runStep, type Step } from "../tools/step.ts";
import { isRunning, openCluster } from "./cluster/cluster.ts";
import { type Demo, runDemo } from "./demo/demo.ts";
import { clusterChoice, clusterFlags, clusterUsage } from "./demo/flags.ts";
import { progressOn } from "./demo/progress.ts";
import { removeDemo } from "./demo/remove.ts";
import { type Lane, lanes, lastly } from "./lanes.ts";

const usage = `Usage: npm run e2e -- [options] [part of a suite's file name…]

${clusterUsage}  --name NAME                     name of the cluster (default: e2e)
  --keep                          leave the cluster and the demo running afterwards
`;

const { values, positionals } = orRefuse("e2e", () =>
  parseArgs({
    allowPositionals: true,
    options: {
      ...clusterFlags,
      name: { type: "string", default: "e2e" },
      keep: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  }),
);

async function demoCount(): Promise<{ count: Count; demo?: Demo }> {
  try {
    const demo = await runDemo(options, progress);
    return { count: { passed: 1, failures: [], skipped: 0 }, demo };
  } catch (error) {
    const [said, where] = error instanceof Error ? [error.message, error.stack] : [String(error)];
    process.stderr.write(`${said}\n`);
    return { count: { passed: 0, failures: [`demo\n${where ?? said}`], skipped: 0 } };
  }
}

/** All lanes side by side, then what wants silence; with filters only the suites that they choose. */
async function runSuites(demo: Demo, parts: readonly string[]): Promise<readonly Count[]> {
  const suite = (name: string, filters: readonly string[]): Step => ({
    name,
    argv: ["vitest", "run", "--project", "workloads", "--no-file-parallelism", ...filters],
    counts: "vitest",
    env: {
      E2E_KUBECONFIG: demo.cluster.kubeconfig,
      E2E_NAME: values.name,
      E2E_PROVIDER: values.provider ?? "",
      E2E_IMAGES: demo.images,
    },
  });
  if (parts.length > 0) return [await runStep(suite(`real workloads: ${parts.join(", ")}`, parts))];
  const ofLane = ({ name, files }: Lane): Step =>
    suite(
      name,
      files.map((file) => `e2e/workloads/${file}.test.ts`),
    );
  const counts = await Promise.all(lanes.map((lane) => runStep(ofLane(lane))));
  return [...counts, await runStep(ofLane(lastly))];
}

const progress = progressOn(process.stderr);
const options = { name: values.name, ...orRefuse("e2e", () => clusterChoice(values)) };

/** @throws UsageError when no suite is called so: the demo need not come up for that */
function chosenSuites(parts: readonly string[]): readonly string[] {
  const suites = readdirSync(join(import.meta.dirname, "workloads")).filter((file) =>
    file.endsWith(".test.ts"),
  );
  const wrong = parts.find((part) => !suites.some((suite) => suite.includes(part)));
  if (wrong === undefined) return parts;
  throw new UsageError(`there is no suite "${wrong}", only ${suites.join(", ")}`);
}

if (values.help) {
  process.stdout.write(usage);
} else {
  const parts = orRefuse("e2e", () => chosenSuites(positionals));
  const { count, demo } = await demoCount();
  const counts: Count[] = [count];
  if (demo !== undefined) counts.push(...(await runSuites(demo, parts)));
  if (!values.keep && (await isRunning({ nodes: "real", log: progress.say, ...options }))) {
    await progress.step("remove the cluster", async (say) => {
      const cluster = await openCluster({ nodes: "real", log: say, ...options, adopt: true });
      if (options.provider === "current") await removeDemo(cluster, say);
      else await cluster.down();
    });
  }
  const total = add(counts);
  process.stdout.write(`\n${summaryLine(total)}\n`);
  noteInLedger(total);
  process.exitCode = total.failures.length === 0 ? 0 : 1;
}
