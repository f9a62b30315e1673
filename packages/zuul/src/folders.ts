/** Where the pods of one Zuul mount what, so that nothing of the user's is put in the same place. Pure. */
import { mariaDbFolders, type OwnFolder, zooKeeperFolders } from "@zuul-pulp/constructs";
import type { Daemon } from "./daemons.ts";
import type { JobVolumes } from "./job-volumes.ts";
import { paths } from "./paths.ts";
import type { ZuulSpec } from "./spec.ts";

/** Members of the spec that have pods. */
export type WithPods = Daemon | "launcher" | "builder" | "database" | "zookeeper";

/** State is one volume in which programs make their own folders: users may mount further ones below it. */
const zuul: readonly OwnFolder[] = [
  { path: paths.zuul },
  { path: paths.zookeeper },
  { path: paths.state, isOpen: true },
];

/** By the member of the spec. */
export function ownFolders(
  { externalConfig = {} }: Pick<ZuulSpec, "externalConfig">,
  { mounts }: JobVolumes,
): Readonly<Record<WithPods, readonly OwnFolder[]>> {
  const nodepool = [
    { path: paths.nodepool },
    { path: paths.zookeeper },
    { path: paths.nodepoolState, isOpen: true },
    ...Object.keys(externalConfig).map((name) => ({ path: cloudFolder(name) })),
  ];
  return {
    scheduler: zuul,
    executor: [...zuul, ...mounts.map(({ path }) => ({ path, isOpen: true }))],
    merger: zuul,
    web: zuul,
    fingergw: zuul,
    launcher: nodepool,
    builder: nodepool,
    database: mariaDbFolders,
    zookeeper: zooKeeperFolders,
  };
}

/** Of an entry of `externalConfig`. */
export const cloudFolder = (name: string): string => `/etc/${name}`;
