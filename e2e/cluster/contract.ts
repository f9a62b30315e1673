/** What a test cluster is, whoever provides it. Types only. */
export type Capability = "api" | "controllers" | "pods" | "network" | "networkpolicy";
export type Provider = "native" | "kind" | "current";

export interface Cluster {
  readonly name: string;
  readonly provider: Provider;
  /** Path of an administrator's kubeconfig that verifies the server's certificate. */
  readonly kubeconfig: string;
  readonly capabilities: ReadonlySet<Capability>;
  /** Path of the API server's audit log, at level Metadata but for what statuses said; native only. */
  readonly auditLog?: string;
  /** Path of the kubectl that fits; absent: the one on PATH. */
  readonly kubectl?: string;
  /** Address under which NodePorts answer from this machine. */
  readonly nodeAddress?: string;
  /** @throws Error where the nodes take images from registries only */
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
