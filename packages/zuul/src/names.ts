/** Names and memberships of everything that belongs to one Zuul. They never change once it exists. Pure. */
import { type Member, zooKeeperHosts } from "@zuul-pulp/constructs";
import { childName, type Membership } from "@zuul-pulp/k8s-core/model";
import type { Zuul } from "./parse.ts";

type Named = Pick<Zuul, "name">;

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

export function memberOf(zuul: Zuul, component: Component, shard?: string): Member {
  const version = component.startsWith("nodepool") ? zuul.spec.nodepoolVersion : zuul.spec.version;
  const backing = component === "zookeeper" || component === "database";
  return {
    ...membershipOf(zuul, component, shard),
    partOf: "zuul",
    managedBy,
    ...(backing ? {} : { version }),
  };
}

/** Members of the ensemble as Zuul's `hosts` has them, with the chroot if there is one. */
export function zooKeeperHostsOf(zuul: Zuul): string {
  const { zookeeper } = zuul;
  if (zookeeper.kind === "external") return zookeeper.hosts;
  return zooKeeperHosts(nameOf(zuul, "zookeeper"), zuul.namespace, zookeeper.count);
}

/** A name without tag or digest gets the version. */
export function imageOf(image: string | undefined, fallback: string, version: string): string {
  const chosen = image ?? fallback;
  const last = chosen.slice(chosen.lastIndexOf("/") + 1);
  return last.includes(":") || last.includes("@") ? chosen : `${chosen}:${version}`;
}
