/** `npm run demo`: brings everything up and prints where to look; `-- --down` removes all of it. */
import { parseArgs } from "node:util";
import { orRefuse } from "../../tools/command-line.ts";
import { isRunning, openCluster } from "../cluster/cluster.ts";
import { type DemoOptions, runDemo } from "./demo.ts";
import { clusterChoice, clusterFlags, clusterUsage } from "./flags.ts";
import { progressOn } from "./progress.ts";
import { removeDemo } from "./remove.ts";

const usage = `Usage: npm run demo -- [options]

${clusterUsage}  --name NAME                     name of the cluster (default: demo); two names run side by side
  --down                          remove the demo, and the cluster when the demo made it
`;

const { values } = orRefuse("demo", () =>
  parseArgs({
    options: {
      ...clusterFlags,
      name: { type: "string", default: "demo" },
      down: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  }),
);
const options = { name: values.name, ...orRefuse("demo", () => clusterChoice(values)) };

async function main(): Promise<number> {
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const progress = progressOn(process.stderr);
  const { provider } = options;
  if (values.down) {
    if (!(await isRunning({ nodes: "real", log: progress.say, ...options }))) {
      progress.say(`there is no demo named ${values.name}`);
      return 0;
    }
    await progress.step("remove the demo", async (say) => {
      if (provider === "current")
        await removeDemo(await openCluster({ nodes: "real", log: say, ...options }), say);
      else await (await openCluster({ nodes: "real", log: say, ...options, adopt: true })).down();
    });
    return 0;
  }
  const demo = await runDemo(options, progress);
  process.stdout.write(`
Zuul   ${demo.zuul.web}/t/example/builds
Pulp   ${demo.pulpUrl}/pulp/content/
       user admin, password: kubectl -n pulp get secret pulp-admin-password -o jsonpath='{.data.password}' | base64 -d
kubectl  export KUBECONFIG=${demo.cluster.kubeconfig}
Remove   npm run demo -- --down${removal(options)}
`);
  return 0;
}

/** The flags that name the same cluster again. */
function removal({ name, provider, kubeconfig }: DemoOptions): string {
  return [
    name === "demo" ? "" : ` --name ${name}`,
    provider === undefined ? "" : ` --provider ${provider}`,
    kubeconfig === undefined ? "" : ` --kubeconfig ${kubeconfig}`,
  ].join("");
}

process.once("SIGINT", () => {
  process.stderr.write(
    "\nInterrupted. The same command goes on from here; with -- --down everything is removed.\n",
  );
  process.exit(130);
});

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
