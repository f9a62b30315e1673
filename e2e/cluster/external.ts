/** Clusters that are not made of our own processes: kind, and whatever a kubeconfig names. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Cluster, ClusterOptions } from "./contract.ts";
import { nativeByKubeconfig } from "./native.ts";
import { instancesFolder, makePrivateFolder } from "./paths.ts";
import { run, runs } from "./processes.ts";

/** @throws Error when kind is not installed */
export async function openKind(options: ClusterOptions): Promise<Cluster> {
  if (!(await runs("kind")))
    throw new Error("Missing: kind (https://kind.sigs.k8s.io); or use --provider native");
  const name = options.name ?? "zuul-pulp";
  const kubeconfig = join(makePrivateFolder(join(instancesFolder(), `kind-${name}`)), "kubeconfig");
  const running = (await run("kind", ["get", "clusters"])).split("\n").includes(name);
  if (running) await run("kind", ["export", "kubeconfig", "--name", name, "--kubeconfig", kubeconfig]);
  else {
    await run("kind", ["create", "cluster", "--name", name, "--kubeconfig", kubeconfig, "--wait", "180s"]);
    await shareVolumes(kubeconfig);
  }
  return {
    name,
    provider: "kind",
    kubeconfig,
    capabilities: new Set(["api", "controllers", "pods", "network", "networkpolicy"] as const),
    loadImages: async (archives) => {
      for (const archive of archives) await run("kind", ["load", "image-archive", archive, "--name", name]);
    },
    down: async () => {
      await run("kind", ["delete", "cluster", "--name", name, "--kubeconfig", kubeconfig]);
    },
  };
}

/**
 * kind's provisioner refuses ReadWriteMany unless its folder is said to be shared, which it is on a single node.
 * Source: local-path-provisioner's README, "sharedFileSystemPath" (excludes nodePathMap).
 */
async function shareVolumes(kubeconfig: string): Promise<void> {
  const inStorage = ["--kubeconfig", kubeconfig, "-n", "local-path-storage"];
  const config = JSON.stringify({ sharedFileSystemPath: "/var/local-path-provisioner" });
  const patch = JSON.stringify({ data: { "config.json": config } });
  await run("kubectl", [
    ...inStorage,
    "patch",
    "configmap",
    "local-path-config",
    "--type=merge",
    "-p",
    patch,
  ]);
  const provisioner = "deployment/local-path-provisioner";
  await run("kubectl", [...inStorage, "rollout", "restart", provisioner]);
  await run("kubectl", [...inStorage, "rollout", "status", provisioner, "--timeout=120s"]);
}

function currentKubeconfig(options: ClusterOptions): string {
  const kubeconfig = options.kubeconfig ?? process.env["KUBECONFIG"];
  if (kubeconfig !== undefined && existsSync(kubeconfig)) return kubeconfig;
  throw new Error("Provider current needs KUBECONFIG (or --kubeconfig) to name one existing file");
}

/** Whether the kubeconfig is of a native cluster of ours. @throws Error when none is named */
export function isOurOwn(options: ClusterOptions): boolean {
  return nativeByKubeconfig(currentKubeconfig(options)) !== undefined;
}

/**
 * Whatever a kubeconfig names. Images go in by themselves only where it is a native cluster of ours; elsewhere the
 * nodes must be able to pull them.
 * @throws Error when no kubeconfig is named: a cluster is never guessed, it may be someone's production
 */
export function openCurrent(options: ClusterOptions): Cluster {
  const kubeconfig = currentKubeconfig(options);
  const ours = nativeByKubeconfig(kubeconfig);
  return {
    name: "current",
    provider: "current",
    kubeconfig,
    capabilities: ours?.capabilities ?? new Set(["api", "controllers", "pods", "network"] as const),
    ...(ours?.kubectl === undefined ? {} : { kubectl: ours.kubectl }),
    ...(ours?.nodeAddress === undefined ? {} : { nodeAddress: ours.nodeAddress }),
    ...(ours?.auditLog === undefined ? {} : { auditLog: ours.auditLog }),
    loadImages: async (archives) => {
      if (ours !== undefined) await ours.loadImages(archives);
      else if (archives.length > 0)
        throw new Error(
          "Cannot load images into a foreign cluster: push them to a registry that its nodes can pull from",
        );
    },
    down: async () => {},
  };
}
