/** From flags and environment to a server: the service account in a pod, a kubeconfig elsewhere. */
import { inClusterServer, type Server } from "./server.ts";

/** How a process or a command asks for its server. */
export interface ConnectOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** There is neither a service account nor a kubeconfig that can be read and names a cluster. */
export class NoServer extends Error {
  override readonly name = "NoServer";
}

/**
 * In a pod: the service account. Elsewhere: the kubeconfig (`--kubeconfig`, `KUBECONFIG`, `~/.kube/config`).
 * An explicit kubeconfig wins. The kubeconfig reader is loaded only then, as it is large.
 * @throws NoServer
 */
export async function findServer({
  kubeconfig,
  context,
  env = process.env,
}: ConnectOptions = {}): Promise<Server> {
  const host = env["KUBERNETES_SERVICE_HOST"];
  if (
    kubeconfig === undefined &&
    context === undefined &&
    env["KUBECONFIG"] === undefined &&
    host !== undefined
  )
    return inClusterServer(host, env["KUBERNETES_SERVICE_PORT"] ?? "443");
  const { kubeconfigServer } = await import("./kubeconfig.ts");
  try {
    return await kubeconfigServer(kubeconfig, context);
  } catch (error) {
    throw new NoServer(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
