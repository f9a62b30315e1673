/** `run`: the operator itself. */
import type { Grants } from "../model/grant.ts";
import { runOperator } from "../process/run-operator.ts";
import { MalformedScope } from "../process/scope.ts";
import { NoServer } from "../wire/find-server.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";
import type { OperatorDefinition } from "./operator.ts";
import { type ConnectionFlags, unreachable } from "./session.ts";
import { watchFlag } from "./watch-flag.ts";

export interface RunOptions extends ConnectionFlags {
  readonly watch?: string;
  readonly logLevel: string;
  readonly logFormat: "json" | "text";
  readonly metricsPort: number;
  readonly healthPort: number;
  readonly leaderElection: boolean;
  /** Seconds. */
  readonly checkCaches: number;
}

/** @throws CommandError `unreachable` without a configured cluster, `usage` for a malformed scope */
export async function run(
  { name, version, controllers }: OperatorDefinition,
  options: RunOptions,
  grants: Grants,
): Promise<number> {
  const { kubeconfig, context, namespace, watch } = options;
  try {
    return await runOperator({
      name,
      version,
      controllers,
      grants,
      flags: {
        logLevel: options.logLevel,
        logFormat: options.logFormat,
        metricsPort: options.metricsPort,
        healthPort: options.healthPort,
        leaderElection: options.leaderElection,
        cacheCheckSeconds: options.checkCaches,
        ...(kubeconfig === undefined ? {} : { kubeconfig }),
        ...(context === undefined ? {} : { context }),
        ...(namespace === undefined ? {} : { namespace }),
        ...(watch === undefined ? {} : { watch: watchFlag(watch) }),
      },
    });
  } catch (error) {
    if (error instanceof NoServer) throw unreachable(error);
    if (error instanceof MalformedScope) throw new CommandError(exitCodes.usage, error.message);
    throw error;
  }
}
