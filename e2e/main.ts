/**
 * `npm run e2e`: real workloads on a real node. Brings the demo up on a cluster of its own, runs the suites of
 * `e2e/workloads` against it, and removes everything again (`--keep` leaves it for a look).
 */
import { parseArgs } from "node:util";
import { add, type Count, noteInLedger, summaryLine } from "../tools/count.ts";
import { runStep, type Step } from "../tools/step.ts";
import { openCluster } from "./cluster/cluster.ts";
import { type Demo, runDemo } from "./demo/demo.ts";
import { clusterChoice, clusterFlags, clusterUsage } from "./demo/flags.ts";
import { progressOn } from "./demo/progress.ts";
import { removeDemo } from "./demo/remove.ts";
import { type Lane, lanes, lastly } from "./lanes.ts";

const usage = `Usage: npm run e2e -- [options] [part of a suite's file name…]

${clusterUsage}  --name NAME                     name of the cluster (default: e2e)
  --keep                          leave the cluster and the demo running afterwards
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...clusterFlags,
    name: { type: "string", default: "e2e" },
    keep: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

async function demoCount(): Promise<{ count: Count; demo?: Demo }> {
  try {
    const demo = await runDemo(options, progress);
    return { count: { passed: 1, failures: [], skipped: 0 }, demo };
  } catch (error) {
    const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`${said}\n`);
    return { count: { passed: 0, failures: [`demo\n${said}`], skipped: 0 } };
  }
}

/** All lanes side by side, then what wants silence; with filters only the suites that they choose. */
async function runSuites(demo: Demo): Promise<readonly Count[]> {
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
  if (positionals.length > 0)
    return [await runStep(suite(`real workloads: ${positionals.join(", ")}`, positionals))];
  const ofLane = ({ name, files }: Lane): Step =>
    suite(
      name,
      files.map((file) => `e2e/workloads/${file}.test.ts`),
    );
  const counts = await Promise.all(lanes.map((lane) => runStep(ofLane(lane))));
  return [...counts, await runStep(ofLane(lastly))];
}

const progress = progressOn(process.stderr);
const options = { name: values.name, ...clusterChoice(values) };

if (values.help) {
  process.stdout.write(usage);
} else {
  const { count, demo } = await demoCount();
  const counts: Count[] = [count];
  if (demo !== undefined) counts.push(...(await runSuites(demo)));
  if (!values.keep) {
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
