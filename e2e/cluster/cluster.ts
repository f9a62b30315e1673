/** One interface over the ways to get a test cluster. Chosen by flag, else Docker means kind, else native. */
import type { Capability, Cluster, ClusterOptions, Provider } from "./contract.ts";
import { downNative, nativeInstances, openNative } from "./native.ts";
import { isOurOwn, openCurrent, openKind } from "./external.ts";
import { run, runs } from "./processes.ts";

export type { Capability, Cluster, ClusterOptions, Provider };

/** @throws Error in words for the user when something is missing; what was started by then is taken down again */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const provider = await providerFor(options);
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

async function providerFor({ provider }: ClusterOptions): Promise<Provider> {
  return provider ?? ((await runs("docker", ["info"])) ? "kind" : "native");
}

/**
 * How images reach the nodes of the cluster that these options name. A native node has no registry: everything comes
 * as an archive. kind takes archives and pulls; a foreign cluster only pulls.
 */
export async function imageTransport(
  options: ClusterOptions,
): Promise<{ readonly takesArchives: boolean; readonly pulls: boolean }> {
  const provider = await providerFor(options);
  if (provider === "kind") return { takesArchives: true, pulls: true };
  const isOurs = provider === "native" || isOurOwn(options);
  return { takesArchives: isOurs, pulls: !isOurs };
}

/** Whether the cluster that these options name is there, without starting one. Of `current` it is always said. */
export async function isRunning(options: ClusterOptions): Promise<boolean> {
  const { name } = options;
  const chosen = await providerFor(options);
  switch (chosen) {
    case "native":
      return name !== undefined && nativeInstances().includes(name);
    case "kind":
      return (
        (await runs("kind")) &&
        (await run("kind", ["get", "clusters"])).split("\n").includes(name ?? "zuul-pulp")
      );
    case "current":
      return true;
    default:
      return chosen satisfies never;
  }
}
