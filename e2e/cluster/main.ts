/** Command: `up | down | status | kubeconfig` with `--provider --nodes simulated|real --name --yes`. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { orRefuse } from "../../tools/command-line.ts";
import { downNative, openCluster, type Provider } from "./cluster.ts";
import { nativeInstances } from "./native.ts";
import { instancesFolder } from "./paths.ts";
import { markedProcesses, run } from "./processes.ts";

const usage = `Usage: npx node e2e/cluster/main.ts up|down|status|kubeconfig [options]

  --provider native|kind|current  where the cluster comes from (default: kind where Docker answers, else native)
  --nodes simulated|real          pods that only seem to run, or a real node (default: simulated)
  --name NAME                     default: dev
  --yes                           install missing system packages without asking
`;

const { values, positionals } = orRefuse("cluster", () =>
  parseArgs({
    allowPositionals: true,
    options: {
      provider: { type: "string" },
      nodes: { type: "string", default: "simulated" },
      name: { type: "string", default: "dev" },
      yes: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  }),
);
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const providers = ["native", "kind", "current"] as const;
const provider: Provider | undefined = providers.find((known) => known === values.provider);
const nodes = (["simulated", "real"] as const).find((known) => known === values.nodes);
const interrupted = new AbortController();
process.once("SIGINT", () => interrupted.abort(new Error("interrupted")));

try {
  await command(positionals[0]);
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

async function command(verb: string | undefined): Promise<void> {
  const { name } = values;
  if (values.help) return void process.stdout.write(usage);
  if (nodes === undefined || provider !== values.provider) return refuse();
  switch (verb) {
    case "up": {
      const chosen = provider === undefined ? {} : { provider };
      const cluster = await openCluster({
        ...chosen,
        nodes,
        name,
        yes: values.yes,
        signal: interrupted.signal,
        log: say,
      });
      process.stdout.write(`${cluster.kubeconfig}\n`);
      return;
    }
    case "down":
      if (provider === "kind") await run("kind", ["delete", "cluster", "--name", name]);
      else await downNative(name);
      return;
    case "status":
      for (const instance of nativeInstances()) {
        const count = markedProcesses(join(instancesFolder(), instance)).length;
        process.stdout.write(`${instance}: ${String(count)} processes\n`);
      }
      return;
    case "kubeconfig":
      process.stdout.write(
        `${join(instancesFolder(), provider === "kind" ? `kind-${name}` : name, "kubeconfig")}\n`,
      );
      return;
    default:
      refuse();
  }
}

function refuse(): void {
  process.stderr.write(usage);
  process.exitCode = 2;
}
