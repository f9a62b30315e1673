/** The content server: what makes it differ from the other gunicorn server. Pure. */
import type { GunicornProps } from "./gunicorn.ts";
import { contentProbePath, type Roots } from "./routes.ts";

export const contentPort = 24816;

export function contentProps(roots: Roots): GunicornProps {
  const listing = { http: { path: contentProbePath(roots), port: "content" }, timeoutSeconds: 10 };
  return {
    component: "content",
    port: contentPort,
    options: [],
    probes: {
      startup: { ...listing, periodSeconds: 3, failureThreshold: 100 },
      readiness: { ...listing, periodSeconds: 10, failureThreshold: 3 },
      // The page needs the database, and an outage of that must not restart pods.
      liveness: { tcp: { port: "content" }, timeoutSeconds: 10, periodSeconds: 20, failureThreshold: 6 },
    },
    // A long download is cut only after this.
    graceSeconds: { requests: 240, pod: 300 },
    memoryMiB: { pod: 130, each: 60 },
  };
}
