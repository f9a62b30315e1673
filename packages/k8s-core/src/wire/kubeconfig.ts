/**
 * A Server from a kubeconfig, through client-node's reader: exec plugins, OIDC, client certificates, contexts.
 *
 * A file of its own so that it is loaded lazily: the reader costs more memory than all the rest of an operator.
 * Only for configuration of the person or process that started us, never for one out of a Secret.
 */
import type { RequestOptions } from "node:https";
import { KubeConfig } from "@kubernetes/client-node";
import type { Server, ServerTls } from "./server.ts";

const rereadMs = 60_000;

/** @throws Error when there is no kubeconfig, or it has no such context */
export async function kubeconfigServer(
  path: string | undefined,
  context: string | undefined,
): Promise<Server> {
  let config = read(path, context);
  const cluster = config.getCurrentCluster();
  if (cluster === null || isMadeUp(config))
    throw new Error(context === undefined ? "no kubeconfig names a cluster" : `no context "${context}"`);
  const namespace = config.getContextObject(config.getCurrentContext())?.namespace;
  let options: RequestOptions = {};
  let rereadAt = 0;
  const current = async (isStale: boolean): Promise<RequestOptions> => {
    if (!isStale && performance.now() < rereadAt) return options;
    if (isStale) config = read(path, context);
    const fresh: RequestOptions = {};
    await config.applyToHTTPSOptions(fresh);
    options = fresh;
    rereadAt = performance.now() + rereadMs;
    return options;
  };
  return {
    url: cluster.server.replace(/\/+$/, ""),
    ...(namespace === undefined ? {} : { namespace }),
    ...(cluster.proxyUrl === undefined ? {} : { proxyUrl: cluster.proxyUrl }),
    tls: async () => tlsOf(await current(false)),
    authorization: async (isStale) => authorizationOf(await current(isStale)),
  };
}

function read(path: string | undefined, context: string | undefined): KubeConfig {
  const config = new KubeConfig();
  if (path === undefined) config.loadFromDefault();
  else config.loadFromFile(path);
  if (context !== undefined) config.setCurrentContext(context);
  return config;
}

/** What client-node takes for granted where there is no kubeconfig: a server on this machine, without TLS. */
function isMadeUp(config: KubeConfig): boolean {
  const { server, name } = config.getCurrentCluster() ?? {};
  return (
    config.getCurrentContext() === "loaded-context" &&
    name === "cluster" &&
    server === "http://localhost:8080"
  );
}

function tlsOf(options: RequestOptions): ServerTls {
  const { ca, cert, key, servername, rejectUnauthorized } = options;
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(servername === undefined ? {} : { servername }),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
  };
}

function authorizationOf({ headers, auth }: RequestOptions): string | undefined {
  if (typeof auth === "string") return `Basic ${Buffer.from(auth).toString("base64")}`;
  if (headers === undefined || Array.isArray(headers)) return undefined;
  const value = Object.entries(headers).find(([name]) => name.toLowerCase() === "authorization")?.[1];
  return typeof value === "string" ? value : undefined;
}
