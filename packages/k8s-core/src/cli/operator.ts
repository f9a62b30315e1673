/** What the command line, the installer and the generators need to know about one operator. Data. */
import type { Command } from "commander";
import type { Controller } from "../control/controller.ts";
import type { CrdDefinition } from "../crd/define-crd.ts";
import type { Permissions } from "../model/io.ts";

/** Flags by which an administrator grants power beyond the namespace (design section 4). */
export type PermissionFlag = "allow-host-path" | "privileged-executor" | "allow-privileged-builder";

export interface OperatorDefinition {
  /** `zuul-operator`: name of the command, the Deployment and the ServiceAccount. */
  readonly name: string;
  readonly product: string;
  readonly version: string;
  /** Image without tag; the default tag is `version`. */
  readonly image: string;
  readonly controllers: readonly Controller[];
  readonly definitions: readonly CrdDefinition[];
  readonly permissionsFlags: readonly PermissionFlag[];
  /** Commands of the product's own (`reconfigure`, `backup`, …). */
  readonly addCommands?: (program: Command) => void;
}

export interface PermissionOptions {
  readonly allowHostPath?: readonly string[];
  /** commander's form of `--no-privileged-executor`. */
  readonly privilegedExecutor?: boolean;
  readonly allowPrivilegedBuilder?: boolean;
}

export function permissionsOf(operator: OperatorDefinition, options: PermissionOptions): Permissions {
  return {
    hostPathPrefixes: options.allowHostPath ?? [],
    privilegedExecutor:
      operator.permissionsFlags.includes("privileged-executor") && options.privilegedExecutor !== false,
    privilegedBuilder: options.allowPrivilegedBuilder === true,
  };
}

/** Adds the flags that this operator knows. */
export function addPermissionFlags(command: Command, operator: OperatorDefinition): Command {
  const flags = operator.permissionsFlags;
  if (flags.includes("allow-host-path"))
    command.option("--allow-host-path <prefix...>", "host paths below this prefix may be mounted into jobs");
  if (flags.includes("privileged-executor"))
    command.option("--no-privileged-executor", "refuse resources whose executors need a privileged pod");
  if (flags.includes("allow-privileged-builder"))
    command.option("--allow-privileged-builder", "allow resources to ask for privileged image builders");
  return command;
}

/** The same permissions as arguments of `run`. */
export function permissionArgs(
  operator: OperatorDefinition,
  { hostPathPrefixes, privilegedExecutor, privilegedBuilder }: Permissions,
): string[] {
  return [
    ...hostPathPrefixes.flatMap((prefix) => ["--allow-host-path", prefix]),
    ...(operator.permissionsFlags.includes("privileged-executor") && !privilegedExecutor
      ? ["--no-privileged-executor"]
      : []),
    ...(privilegedBuilder ? ["--allow-privileged-builder"] : []),
  ];
}
