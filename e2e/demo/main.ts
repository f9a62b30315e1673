/** `npm run demo`: brings everything up and prints where to look; `-- --down` removes all of it. */
import { parseArgs } from "node:util";
import { isRunning, openCluster } from "../cluster/cluster.ts";
import { runDemo } from "./demo.ts";
import { progressOn } from "./progress.ts";
import { removeDemo } from "./remove.ts";

const usage = `Usage: npm run demo -- [options]

  --provider native|kind|current  where the cluster comes from (default: kind where Docker answers, else native;
                                  current uses your kube context and is never chosen by itself)
  --kubeconfig FILE               with --provider current: instead of $KUBECONFIG
  --name NAME                     name of the cluster (default: demo); two names run side by side
  --yes                           install missing system packages without asking
  --down                          remove the demo, and the cluster when the demo made it
`;

const { values } = parseArgs({
  options: {
    provider: { type: "string" },
    kubeconfig: { type: "string" },
    name: { type: "string", default: "demo" },
    yes: { type: "boolean", default: false },
    down: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

function providerOf(text: string | undefined): "native" | "kind" | "current" | undefined {
  if (text === undefined || text === "native" || text === "kind" || text === "current") return text;
  throw new Error(`--provider is native, kind or current, not ${text}`);
}

async function main(): Promise<number> {
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const provider = providerOf(values.provider);
  const progress = progressOn(process.stderr);
  const options = {
    name: values.name,
    yes: values.yes,
    ...(provider === undefined ? {} : { provider }),
    ...(values.kubeconfig === undefined ? {} : { kubeconfig: values.kubeconfig }),
  };
  if (values.down) {
    if (provider !== "current" && !(await isRunning({ nodes: "real", log: progress.say, ...options }))) {
      progress.say(`there is no demo named ${values.name}`);
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
Remove   npm run demo -- --down${values.name === "demo" ? "" : ` --name ${values.name}`}
`);
  return 0;
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
