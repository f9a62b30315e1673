/** `/healthz`, `/readyz` and `/metrics`. Say yes or no, no content. */
import { createServer, type Server } from "node:http";
import type { Reflector } from "../cache/reflector.ts";
import type { Metrics } from "./metrics.ts";

export interface HealthProps {
  /** 0: any free port; below 0: no server. */
  readonly healthPort: number;
  readonly metricsPort: number;
  readonly metrics: Metrics;
  readonly isReady: () => boolean;
}

export interface Health {
  readonly healthPort: number | undefined;
  readonly metricsPort: number | undefined;
  close(): void;
}

/** A quiet watch hears a bookmark each minute, and all watches of one start hear theirs within the same seconds. */
const longestSilenceMs = 65_000;

/**
 * Whether every watch had its first answer, and at least one heard of the server within the last minute: else what is
 * in the caches may be of yesterday. A standby is ready too.
 */
export function isInTouch(watches: readonly Pick<Reflector, "status" | "silentMs">[]): boolean {
  return (
    watches.every(({ status }) => status !== "starting") &&
    watches.some(({ silentMs }) => silentMs < longestSilenceMs)
  );
}

export async function serveHealth({
  healthPort,
  metricsPort,
  metrics,
  isReady,
}: HealthProps): Promise<Health> {
  const health = await listen(healthPort, (path) => {
    // A loop that hangs does not answer; one that is starved of its processor would not gain from a restart.
    if (path === "/healthz") return { status: 200, body: "ok" };
    if (path === "/readyz")
      return isReady() ? { status: 200, body: "ok" } : { status: 503, body: "not ready" };
    return undefined;
  });
  const figures = await listen(metricsPort, async (path) =>
    path === "/metrics"
      ? { status: 200, body: await metrics.registry.metrics(), type: metrics.registry.contentType }
      : undefined,
  );
  return {
    healthPort: portOf(health),
    metricsPort: portOf(figures),
    close: () => {
      for (const server of [health, figures]) {
        server?.close();
        server?.closeAllConnections();
      }
    },
  };
}

interface Page {
  readonly status: number;
  readonly body: string;
  readonly type?: string;
}

async function listen(
  port: number,
  page: (path: string) => Page | undefined | Promise<Page | undefined>,
): Promise<Server | undefined> {
  if (port < 0) return undefined;
  const server = createServer((request, response) => {
    void Promise.resolve(page(request.url ?? "")).then(
      (found) =>
        response
          .writeHead(found?.status ?? 404, { "content-type": found?.type ?? "text/plain" })
          .end(found?.body ?? "not found"),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, resolve);
  });
  return server;
}

function portOf(server: Server | undefined): number | undefined {
  const address = server?.address();
  return typeof address === "object" && address !== null ? address.port : undefined;
}
