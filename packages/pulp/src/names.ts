/** Names of everything that one Pulp is made of, and the labels that it carries. They never change. Pure. */
import type { Member } from "@zuul-pulp/constructs";
import { childName } from "@zuul-pulp/k8s-core/model";

/** Processes that load Pulp's settings and run for ever. */
export const daemons = ["api", "content", "worker"] as const;
export type Daemon = (typeof daemons)[number];
/** Everything that loads Pulp's settings. */
export type Process = Daemon | "migration" | "password";

export type Part =
  | Daemon
  | "web"
  | "database"
  | "cache"
  | "storage"
  | "scripts"
  | "jobs"
  | "secret-key"
  | "field-encryption"
  | "token-keys"
  | "admin-password"
  | "database-password"
  | "cache-password";

/** `<resource>-<part>`. */
export function nameOf(instance: string, ...parts: readonly [Part, ...string[]]): string {
  return childName([instance, ...parts]);
}

/** Name of the Secret with a process's settings. The two Jobs share one: they need the same. */
export function settingsName(instance: string, process: Process): string {
  return nameOf(instance, process === "migration" || process === "password" ? "jobs" : process, "settings");
}

/** A Job cannot be edited, so its name carries the hash of all that decides what it does. */
export function migrationJobName(instance: string, hash: string): string {
  return childName([instance, "migrate", hash]);
}

/** Field manager of the operator, and so the label `managed-by`. */
export const managedBy = "pulp-operator";

export function memberOf(instance: string, component: string, version?: string): Member {
  const member = { name: "pulp", instance, component, partOf: "pulp", managedBy };
  return version === undefined ? member : { ...member, version };
}
