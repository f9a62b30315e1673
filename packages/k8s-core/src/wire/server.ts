/** Where the API server is and how we prove who we are. Reads the files of the service account; nothing else. */
import { readFile } from "node:fs/promises";
import type { SecureContextOptions } from "node:tls";

export interface Server {
  /** `https://10.96.0.1:443`, no path, or with the prefix under which a proxy serves the API. */
  readonly url: string;
  /** The namespace that the configuration names, when it names one. */
  readonly namespace?: string;
  readonly proxyUrl?: string;
  /** TLS material for a new connection; read again for each, so that rotated files are used. */
  tls(): Promise<ServerTls>;
  /** Value of the Authorization header. `isStale` after a 401: never answer from memory then. */
  authorization(isStale: boolean): Promise<string | undefined>;
}

export interface ServerTls extends Pick<SecureContextOptions, "ca" | "cert" | "key"> {
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

const accountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";
const rereadMs = 60_000;

/** The service account of the pod that we run in. @param folder where token, ca.crt and namespace lie */
export async function inClusterServer(host: string, port: string, folder = accountFolder): Promise<Server> {
  let token = "";
  let rereadAt = 0;
  const namespace = (await readFile(`${folder}/namespace`, "utf8")).trim();
  return {
    url: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    namespace,
    tls: async () => ({ ca: await readFile(`${folder}/ca.crt`) }),
    async authorization(isStale) {
      if (isStale || performance.now() >= rereadAt) {
        token = (await readFile(`${folder}/token`, "utf8")).trim();
        rereadAt = performance.now() + Math.min(rereadMs, tokenLifeMs(token) * 0.8);
      }
      return `Bearer ${token}`;
    },
  };
}

/** Milliseconds until the `exp` claim; no claim is no limit. */
export function tokenLifeMs(token: string, nowMs = Date.now()): number {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    if (typeof claims === "object" && claims !== null && "exp" in claims && typeof claims.exp === "number")
      return Math.max(0, claims.exp * 1000 - nowMs);
  } catch {
    // An opaque token says nothing about its life.
  }
  return Number.POSITIVE_INFINITY;
}
