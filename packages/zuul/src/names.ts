/** Names and memberships of everything that belongs to one Zuul. They never change once it exists. Pure. */
import type { Member } from "@zuul-pulp/constructs";
import { childName, type Membership } from "@zuul-pulp/k8s-core/model";

/** One Zuul, as far as names depend on it. */
interface Named {
  readonly name: string;
}

interface Released extends Named {
  readonly spec: { readonly version: string; readonly nodepoolVersion: string };
}

export const managedBy = "zuul-operator";
export const keystoreReference = "keystore";
export const databaseReference = "database.dburi";
export const databasePasswordReference = "database.password";
export const nodeKeyReference = "executor.sshkey";

export type Component =
  | "scheduler"
  | "executor"
  | "merger"
  | "web"
  | "fingergw"
  | "nodepool-launcher"
  | "nodepool-builder"
  | "zookeeper"
  | "database";

export const nameOf = ({ name }: Named, component: string, ...more: readonly string[]): string =>
  childName([name, component, ...more]);

/** Secret with the files of one component. */
export const configSecretOf = ({ name }: Named, component: string, ...more: readonly string[]): string =>
  childName([name, component, ...more, "config"]);

const applications: Partial<Record<Component, string>> = {
  "nodepool-launcher": "nodepool",
  "nodepool-builder": "nodepool",
  zookeeper: "zookeeper",
  database: "mariadb",
};

export function membershipOf({ name }: Named, component: Component, shard?: string): Membership {
  const application = applications[component] ?? "zuul";
  return { name: application, instance: name, component, ...(shard === undefined ? {} : { shard }) };
}

export function memberOf(zuul: Released, component: Component, shard?: string): Member {
  const version = component.startsWith("nodepool") ? zuul.spec.nodepoolVersion : zuul.spec.version;
  const backing = component === "zookeeper" || component === "database";
  return {
    ...membershipOf(zuul, component, shard),
    partOf: "zuul",
    managedBy,
    ...(backing ? {} : { version }),
  };
}

/** A name without tag or digest gets the version. */
export function imageOf(image: string | undefined, fallback: string, version: string): string {
  const chosen = image ?? fallback;
  const last = chosen.slice(chosen.lastIndexOf("/") + 1);
  return last.includes(":") || last.includes("@") ? chosen : `${chosen}:${version}`;
}
