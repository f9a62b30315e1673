/** One interface over the ways to get a test cluster. Chosen by flag, else Docker means kind, else native. */
import type { Capability, Cluster, ClusterOptions, Provider } from "./contract.ts";
import { downNative, nativeInstances, openNative } from "./native.ts";
import { openCurrent, openKind } from "./external.ts";
import { run, runs } from "./processes.ts";

export type { Capability, Cluster, ClusterOptions, Provider };

/** @throws Error in words for the user when something is missing; what was started by then is taken down again */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const provider = options.provider ?? ((await runs("docker", ["info"])) ? "kind" : "native");
  switch (provider) {
    case "native":
      return openNative(options);
    case "kind":
      return openKind(options);
    case "current":
      return openCurrent(options);
    default:
      return provider satisfies never;
  }
}

export { downNative };

/** Whether the cluster that these options name is there, without starting one. Of `current` it is always said. */
export async function isRunning({ provider, name }: ClusterOptions): Promise<boolean> {
  const chosen = provider ?? ((await runs("docker", ["info"])) ? "kind" : "native");
  switch (chosen) {
    case "native":
      return name !== undefined && nativeInstances().includes(name);
    case "kind":
      return (await run("kind", ["get", "clusters"])).split("\n").includes(name ?? "zuul-pulp");
    case "current":
      return true;
    default:
      return chosen satisfies never;
  }
}
