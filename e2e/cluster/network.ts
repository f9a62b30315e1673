/** The network of one real node: a namespace, a pair of interfaces and routes. One index per instance keeps them apart. */
import { existsSync, readdirSync } from "node:fs";
import { run } from "./processes.ts";

export interface Network {
  readonly index: number;
  /** Name below /run/netns. */
  readonly namespace: string;
  /** Address of this machine as the node sees it. */
  readonly host: string;
  readonly node: string;
  readonly pods: string;
  readonly services: string;
  readonly dns: string;
  readonly interfaces: { readonly host: string; readonly node: string };
  /** Cgroup below the root of every hierarchy. */
  readonly cgroup: string;
}

/** @param index 0 to 15 */
export function networkOf(name: string, index: number): Network {
  const services = `10.96.${String(index * 16)}`;
  return {
    index,
    namespace: `zuul-pulp-${name}`,
    host: `172.30.${String(index)}.1`,
    node: `172.30.${String(index)}.2`,
    pods: `10.244.${String(index)}.0/24`,
    services: `${services}.0/20`,
    dns: `${services}.10`,
    interfaces: { host: `zp${String(index)}-host`, node: `zp${String(index)}-node` },
    cgroup: `zuul-pulp-${name}`,
  };
}

export async function makeNetwork({
  namespace,
  host,
  node,
  pods,
  services,
  interfaces,
}: Network): Promise<void> {
  const ip = (...args: string[]): Promise<string> => run("ip", args);
  const inside = (...args: string[]): Promise<string> =>
    run("nsenter", [`--net=/run/netns/${namespace}`, ...args]);
  await ip("netns", "add", namespace);
  await ip("link", "add", interfaces.host, "type", "veth", "peer", "name", interfaces.node);
  await ip("link", "set", interfaces.node, "netns", namespace);
  await ip("address", "add", `${host}/24`, "dev", interfaces.host);
  await ip("link", "set", interfaces.host, "up");
  await inside("ip", "link", "set", "lo", "up");
  await inside("ip", "address", "add", `${node}/24`, "dev", interfaces.node);
  await inside("ip", "link", "set", interfaces.node, "up");
  await inside("ip", "route", "add", "default", "via", host);
  await ip("route", "add", pods, "via", node);
  await ip("route", "add", services, "via", node);
  await inside("sysctl", "-q", "-w", "net.ipv4.ip_forward=1");
  // Where bridge traffic passes iptables at all, a pod must reach itself through its own Service.
  if (existsSync("/proc/sys/net/bridge"))
    await inside("sysctl", "-q", "-w", "net.bridge.bridge-nf-call-iptables=1").catch(() => "");
}

/** Deleting the namespace takes bridge, interfaces, routes and every rule in it along. */
export async function removeNetwork({ namespace, interfaces }: Network): Promise<void> {
  if (existsSync(`/run/netns/${namespace}`)) await run("ip", ["netns", "delete", namespace]);
  // The first `ip netns add` of a machine makes the folder a mount; the last one to leave takes it along.
  if (existsSync("/run/netns") && readdirSync("/run/netns").length === 0)
    await run("umount", ["/run/netns"]).catch(() => "");
  if (existsSync(`/sys/class/net/${interfaces.host}`))
    await run("ip", ["link", "delete", interfaces.host]).catch(() => "");
}
