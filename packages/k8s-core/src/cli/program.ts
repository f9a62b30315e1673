/** The command line of any operator: the same commands, flags and exit codes for all (design section 7). */
import { Command, CommanderError, Option } from "commander";
import { CommandError, exitCodes } from "./exit-codes.ts";
import type { DiffOptions } from "./diff.ts";
import type { InstallOptions, UninstallOptions } from "./install.ts";
import { durationMs, wholeNumber } from "./flag-values.ts";
import { addGrantFlags, grantsOf } from "./grants.ts";
import type { OperatorDefinition } from "./operator.ts";
import type { RenderOptions } from "./render.ts";
import type { ReportOptions } from "./report.ts";
import type { RunOptions } from "./run.ts";
import type { StatusOptions } from "./status.ts";
import type { WaitOptions } from "./wait.ts";

/** @returns the exit code; prints results on standard output and messages on standard error */
export async function runCli(operator: OperatorDefinition, argv: readonly string[]): Promise<number> {
  const state = { exitCode: 0 };
  // A reader that has seen enough (`| head`) is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(exitCodes.done);
    throw error;
  });
  try {
    await programOf(operator, state).parseAsync([...argv], { from: "user" });
    return state.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    if (error instanceof CommandError) {
      process.stderr.write(`${operator.name}: ${error.message}\n`);
      return error.exitCode;
    }
    if (error instanceof Error && error.name === "ApiError") {
      const { answer } = error as Error & { readonly answer?: { readonly message?: string } };
      process.stderr.write(
        `${operator.name}: ${error.message}${answer?.message ? `: ${answer.message}` : ""}\n`,
      );
      return exitCodes.refused;
    }
    process.stderr.write(
      `${operator.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    return exitCodes.refused;
  }
}

export function programOf(operator: OperatorDefinition, state: { exitCode: number }): Command {
  const program = new Command(operator.name)
    .description(
      `Runs ${operator.product} on Kubernetes from one resource, and helps the people who look after it.`,
    )
    .version(operator.version)
    .exitOverride()
    .showHelpAfterError("(--help shows what there is)")
    .addHelpText(
      "after",
      `\nExit codes: 0 done, 1 refused by content, 2 wrong usage, 3 cluster unreachable, 4 timed out, 130 interrupted`,
    );
  addRun(program, operator);
  addRender(program, operator);
  addDiff(program, operator, state);
  addInstall(program, operator);
  addStatus(program, operator);
  addWait(program, operator);
  addReport(program, operator);
  operator.addCommands?.(program);
  return program;
}

const withConnection = (command: Command): Command =>
  command
    .option("--kubeconfig <file>", "instead of $KUBECONFIG or ~/.kube/config")
    .option("--context <name>", "context of the kubeconfig")
    .option("-n, --namespace <name>", "namespace; default: that of the context");

const aboutResource = (command: Command, { product }: OperatorDefinition): Command =>
  command
    .argument("<name>", `name of the ${product}`)
    .option("--kind <kind>", "when the operator has several");

const outputOption = (): Option =>
  new Option("-o, --output <format>", "for people or for programs").choices(["text", "json"]).default("text");

const timeoutOption = (meaning: string, standard: string): Option =>
  new Option("--timeout <duration>", `${meaning}: 90s, 15m, 1h30m`)
    .argParser(durationMs)
    .default(durationMs(standard), standard);

/** Below 0: none. */
const portOption = (flag: string, meaning: string, variable: string, standard: number): Option =>
  new Option(`--${flag} <port>`, meaning).argParser(wholeNumber(-1, 65_535)).env(variable).default(standard);

function addRun(program: Command, operator: OperatorDefinition): void {
  const command = program
    .command("run")
    .description("run the operator; without a service account it uses your kubeconfig")
    .option(
      "--watch <scope>",
      "own, all, or namespaces separated by commas; default: WATCH_NAMESPACE, else own",
    )
    .addOption(
      new Option("--log-level <level>", "what is logged at least")
        .choices(["debug", "info", "warn", "error"])
        .env("LOG_LEVEL")
        .default("info"),
    )
    .addOption(
      new Option("--log-format <format>", "for programs or for people")
        .choices(["json", "text"])
        .env("LOG_FORMAT")
        .default("json"),
    )
    .addOption(portOption("metrics-port", "port of /metrics; 0: any, -1: none", "METRICS_PORT", 8080))
    .addOption(
      portOption("health-port", "port of /healthz and /readyz; 0: any, -1: none", "HEALTH_PORT", 8081),
    )
    .option("--no-leader-election", "never do this with more than one replica")
    .option(
      "--check-caches <seconds>",
      "compare the caches with the server so often, and count what they missed; 0: never",
      wholeNumber(0),
      0,
    );
  withConnection(addGrantFlags(command, operator.grants)).action(async (options: RunOptions) => {
    const { run } = await import("./run.ts");
    // All that matters has ended. What cannot be cancelled, as the lookup of a name, would hold the process for minutes.
    process.exit(await run(operator, options, grantsOf(operator.grants, options)));
  });
}

function addRender(program: Command, operator: OperatorDefinition): void {
  const command = program
    .command("render")
    .description("print exactly the manifests that would be applied; needs no cluster")
    .requiredOption(
      "-f, --filename <file...>",
      "resources, and the Secrets and ConfigMaps they refer to; - is standard input",
    )
    .option("-n, --namespace <name>", "namespace of resources that name none", "default")
    .addOption(
      new Option("-o, --output <format>", "how they are written").choices(["yaml", "json"]).default("yaml"),
    )
    .option("--redact", "print *** for the values of Secrets (the default)")
    .option("--show-secrets", "print the values of Secrets");
  addGrantFlags(command, operator.grants).action(async (options: RenderOptions) => {
    const { render } = await import("./render.ts");
    await render(operator, options, grantsOf(operator.grants, options));
  });
}

function addInstall(program: Command, operator: OperatorDefinition): void {
  const install = program
    .command("install")
    .description("put the operator into a cluster, or bring it up to date")
    .option("--watch <scope>", "own, all, or namespaces separated by commas", "own")
    .option("--image <image>", `default: ${operator.image}:${operator.version}`)
    .option("--replicas <count>", "more than one for a warm standby", wholeNumber(1), 1)
    .option("--print", "only print the manifests")
    .addOption(timeoutOption("how long to wait for the operator to run", "3m"));
  withConnection(addGrantFlags(install, operator.grants)).action(async (options: InstallOptions) => {
    const commands = await import("./install.ts");
    await commands.install(operator, options, grantsOf(operator.grants, options));
  });
  const uninstall = program
    .command("uninstall")
    .description("take the operator out; resources and what they run stay")
    .option("--with-crds", "also remove the resource definitions, and with them every resource");
  withConnection(uninstall).action(async (options: UninstallOptions) => {
    const commands = await import("./install.ts");
    await commands.uninstall(operator, options);
  });
}

function addWait(program: Command, operator: OperatorDefinition): void {
  const command = aboutResource(program.command("wait"), operator)
    .description("wait until a resource is ready; say what failed when it is not")
    .addOption(timeoutOption("how long", "10m"));
  withConnection(command).action(async (name: string, options: WaitOptions) => {
    const { wait } = await import("./wait.ts");
    await wait(operator, name, options);
  });
}

function addStatus(program: Command, operator: OperatorDefinition): void {
  const command = aboutResource(program.command("status"), operator)
    .description("show components, what is waited for, conditions, certificates and the last events")
    .option("-w, --watch", "show it again whenever it changes")
    .addOption(outputOption());
  withConnection(command).action(async (name: string, options: StatusOptions) => {
    const { status } = await import("./status.ts");
    await status(operator, name, options);
  });
}

function addReport(program: Command, operator: OperatorDefinition): void {
  const command = aboutResource(program.command("report"), operator)
    .description("write a zip for a bug report: objects, events and logs, without any value of a Secret")
    .option("--file <file>", "default: <name>-report.zip; never overwritten");
  withConnection(command).action(async (name: string, options: ReportOptions) => {
    const { report } = await import("./report.ts");
    await report(operator, name, options);
  });
}

function addDiff(program: Command, operator: OperatorDefinition, state: { exitCode: number }): void {
  const command = program
    .command("diff")
    .description(
      "show what the operator would change in the cluster and which pods would restart; 1 when there is something",
    )
    .requiredOption(
      "-f, --filename <file...>",
      "resources; what they refer to comes from the files, else from the cluster",
    )
    .addOption(outputOption());
  withConnection(addGrantFlags(command, operator.grants)).action(async (options: DiffOptions) => {
    const { diff } = await import("./diff.ts");
    const grants = grantsOf(operator.grants, options);
    if (await diff(operator, options, grants)) state.exitCode = exitCodes.refused;
  });
}
