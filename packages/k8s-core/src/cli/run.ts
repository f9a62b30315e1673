/** `run`: the operator itself. */
import type { Grants } from "../model/grant.ts";
import { runOperator } from "../process/run-operator.ts";
import type { OperatorDefinition } from "./operator.ts";
import type { ConnectionFlags } from "./session.ts";
import { watchFlag } from "./watch-flag.ts";

export interface RunOptions extends ConnectionFlags {
  readonly watch?: string;
  readonly logLevel: string;
  readonly logFormat: string;
  readonly metricsPort: string;
  readonly healthPort: string;
  readonly leaderElection: boolean;
  readonly checkCaches: string;
}

export function run(
  { name, version, controllers }: OperatorDefinition,
  options: RunOptions,
  grants: Grants,
): Promise<number> {
  const { kubeconfig, context, namespace, watch } = options;
  return runOperator({
    name,
    version,
    controllers,
    grants,
    flags: {
      logLevel: options.logLevel,
      logFormat: options.logFormat === "text" ? "text" : "json",
      metricsPort: Number(options.metricsPort),
      healthPort: Number(options.healthPort),
      leaderElection: options.leaderElection,
      cacheCheckSeconds: Number(options.checkCaches),
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
      ...(context === undefined ? {} : { context }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(watch === undefined ? {} : { watch: watchFlag(watch) }),
    },
  });
}
