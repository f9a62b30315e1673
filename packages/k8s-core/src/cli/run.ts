/** `run`: the operator itself. */
import type { Permissions } from "../model/io.ts";
import { runOperator } from "../process/run-operator.ts";
import { installScope } from "./install-manifests.ts";
import type { OperatorDefinition, PermissionOptions } from "./operator.ts";
import type { ConnectionFlags } from "./session.ts";

export interface RunOptions extends ConnectionFlags, PermissionOptions {
  readonly watch?: string;
  readonly logLevel: string;
  readonly logFormat: string;
  readonly metricsPort: string;
  readonly healthPort: string;
  readonly leaderElection: boolean;
}

export function run(
  { name, version, controllers }: OperatorDefinition,
  options: RunOptions,
  permissions: Permissions,
): Promise<number> {
  const { kubeconfig, context, namespace, watch } = options;
  return runOperator({
    name,
    version,
    controllers,
    permissions,
    flags: {
      logLevel: options.logLevel,
      logFormat: options.logFormat === "text" ? "text" : "json",
      metricsPort: Number(options.metricsPort),
      healthPort: Number(options.healthPort),
      leaderElection: options.leaderElection,
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
      ...(context === undefined ? {} : { context }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(watch === undefined ? {} : { watch: installScope(watch) }),
    },
  });
}
