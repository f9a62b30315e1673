/** The api: what makes it differ from the other gunicorn server. Pure. */
import type { GunicornProps } from "./gunicorn.ts";
import { livezPath, type Roots, statusPath } from "./routes.ts";

export const apiPort = 24817;

/** pulpcore's own default format is written as a tuple by mistake; this is its text. */
const accessLog = 'pulp [%({correlation-id}o)s]: %(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s"';

export function apiProps(roots: Roots): GunicornProps {
  const alive = { http: { path: livezPath(roots), port: "api" }, timeoutSeconds: 10 };
  const status = { http: { path: statusPath(roots), port: "api" }, timeoutSeconds: 10 };
  return {
    component: "api",
    port: apiPort,
    options: ["--access-logformat", accessLog],
    probes: {
      startup: { ...alive, periodSeconds: 3, failureThreshold: 100 },
      // The status page needs the database: without it the pod takes no requests, but is not restarted.
      readiness: { ...status, periodSeconds: 10, failureThreshold: 3 },
      liveness: { ...alive, periodSeconds: 20, failureThreshold: 6 },
    },
    graceSeconds: { requests: 30, pod: 60 },
    memoryMiB: { pod: 50, each: 150 },
  };
}
