/** How programs are told where ZooKeeper is. Pure. */
import { zooKeeperHosts } from "@zuul-pulp/constructs";
import { nameOf } from "./names.ts";
import type { Zuul } from "./parse.ts";

/** Members of the ensemble as Zuul's `hosts` has them, with the chroot if there is one. */
export function zooKeeperHostsOf(zuul: Zuul): string {
  const { zookeeper } = zuul;
  if (zookeeper.kind === "external") return zookeeper.hosts;
  return zooKeeperHosts(nameOf(zuul, "zookeeper"), zuul.namespace, zookeeper.count);
}

/** `a:2281,b:2281/chroot` in Nodepool's form. */
export function zooKeeperServers(hosts: string): {
  readonly servers: readonly { readonly host: string; readonly port: number }[];
  readonly chroot?: string;
} {
  const slash = hosts.indexOf("/");
  const members = slash < 0 ? hosts : hosts.slice(0, slash);
  const servers = members.split(",").map((member) => {
    const colon = member.lastIndexOf(":");
    return { host: member.slice(0, colon), port: Number(member.slice(colon + 1)) };
  });
  return slash < 0 || slash === hosts.length - 1 ? { servers } : { servers, chroot: hosts.slice(slash) };
}
