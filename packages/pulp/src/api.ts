/** The api: a Deployment of gunicorn pods behind a Service. Pure. */
import { ServiceObject, Workload } from "@zuul-pulp/constructs";
import { Construct } from "constructs";
import type { PulpConfig } from "./config.ts";
import {
  pauseBeforeStop,
  placement,
  processEnv,
  processMounts,
  security,
  waitForMigrations,
} from "./daemon-pod.ts";
import { memberOf, nameOf } from "./names.ts";
import type { Pulp } from "./parse.ts";
import { livezPath, statusPath } from "./routes.ts";

export const apiPort = 24817;

/** pulpcore's own default format is written as a tuple by mistake; this is its text. */
const accessLog = 'pulp [%({correlation-id}o)s]: %(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s"';

export class ApiService extends Construct {
  constructor(scope: Construct, id: string, pulp: Pulp) {
    super(scope, id);
    const ports = [{ name: "api", port: apiPort }];
    new ServiceObject(this, "service", {
      name: nameOf(pulp.name, "api"),
      member: memberOf(pulp.name, "api", pulp.spec.version),
      ports,
    });
  }
}

export class Api extends Construct {
  constructor(scope: Construct, id: string, pulp: Pulp, config: PulpConfig) {
    super(scope, id);
    const {
      name,
      spec: { api, version, imagePullSecrets },
    } = pulp;
    const { strategy, affinity } = placement(pulp);
    new Workload(this, "workload", {
      kind: "Deployment",
      name: nameOf(name, "api"),
      member: memberOf(name, "api", version),
      replicas: api.replicas,
      configHash: config.processes.api.hash,
      disruption: { maxUnavailable: 1 },
      ...(strategy === undefined ? {} : { strategy }),
      pod: {
        containers: [container(pulp)],
        initContainers: [waitForMigrations(pulp, "api")],
        security: security(pulp),
        overrides: api.pod,
        graceSeconds: 60,
        imagePullSecrets,
        ...(affinity === undefined ? {} : { affinity }),
      },
    });
  }
}

function container(pulp: Pulp) {
  const {
    roots,
    image,
    spec: {
      api: {
        gunicorn: { workers, timeoutSeconds },
      },
    },
  } = pulp;
  const alive = { http: { path: livezPath(roots), port: "api" } };
  return {
    name: "api",
    image,
    command: [
      "pulpcore-api",
      ...["--bind", `0.0.0.0:${apiPort}`],
      ...["--workers", String(workers)],
      ...["--timeout", String(timeoutSeconds)],
      ...["--graceful-timeout", "30"],
      ...["--access-logfile", "-", "--access-logformat", accessLog],
    ],
    env: [...processEnv],
    ports: [{ name: "api", port: apiPort }],
    probes: {
      startup: { ...alive, periodSeconds: 3, timeoutSeconds: 10, failureThreshold: 100 },
      // The status page needs the database: without it the pod takes no requests, but is not restarted.
      readiness: {
        http: { path: statusPath(roots), port: "api" },
        periodSeconds: 10,
        timeoutSeconds: 10,
        failureThreshold: 3,
      },
      liveness: { ...alive, periodSeconds: 20, timeoutSeconds: 10, failureThreshold: 6 },
    },
    preStop: pauseBeforeStop,
    mounts: [...processMounts(pulp, "api")],
    resources: {
      requests: { cpu: "50m", memory: `${50 + 150 * workers}Mi` },
      limits: { memory: `${512 * Math.max(2, workers)}Mi` },
    },
  };
}
