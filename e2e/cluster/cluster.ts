/** One interface over the ways to get a test cluster. Chosen by flag, else Docker means kind, else native. */
import type { NativeState } from "./native.ts";
import { downNative, nativeInstances, openNative } from "./native.ts";
import { openCurrent, openKind } from "./external.ts";
import { run, runs } from "./processes.ts";

export type Capability = "api" | "controllers" | "pods" | "network" | "networkpolicy" | "multinode";
export type Provider = "native" | "kind" | "current";

export interface Cluster {
  readonly name: string;
  readonly provider: Provider;
  /** Path of an administrator's kubeconfig that verifies the server's certificate. */
  readonly kubeconfig: string;
  readonly capabilities: ReadonlySet<Capability>;
  /** Path of the API server's audit log at level Metadata; native only. */
  readonly auditLog?: string;
  /** Path of the kubectl that fits; absent: the one on PATH. */
  readonly kubectl?: string;
  /** Address under which NodePorts answer from this machine. */
  readonly nodeAddress?: string;
  loadImages(archives: readonly string[]): Promise<void>;
  runningImages?(): Promise<readonly string[]>;
  restartApiServer?(): Promise<void>;
  down(): Promise<void>;
}

export interface ClusterOptions {
  readonly provider?: Provider;
  readonly nodes: "simulated" | "real";
  /** Re-used when it runs already. Without a name the cluster is new and the caller must take it down. */
  readonly name?: string;
  readonly yes?: boolean;
  readonly kubeconfig?: string;
  /** Take over what runs (or was interrupted) under this name, to bring it down; start nothing. */
  readonly adopt?: boolean;
  readonly signal?: AbortSignal;
  log(line: string): void;
}

export type { NativeState };

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
