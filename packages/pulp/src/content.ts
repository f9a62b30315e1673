/** The content server: a Deployment of asynchronous gunicorn pods behind a Service. Pure. */
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
import { contentProbePath } from "./routes.ts";

export const contentPort = 24816;

export class ContentService extends Construct {
  constructor(scope: Construct, id: string, pulp: Pulp) {
    super(scope, id);
    const ports = [{ name: "content", port: contentPort }];
    const member = memberOf(pulp.name, "content", pulp.spec.version);
    new ServiceObject(this, "service", { name: nameOf(pulp.name, "content"), member, ports });
  }
}

export class Content extends Construct {
  constructor(scope: Construct, id: string, pulp: Pulp, config: PulpConfig) {
    super(scope, id);
    const {
      name,
      spec: { content, version, imagePullSecrets },
    } = pulp;
    const { strategy, affinity } = placement(pulp);
    new Workload(this, "workload", {
      kind: "Deployment",
      name: nameOf(name, "content"),
      member: memberOf(name, "content", version),
      replicas: content.replicas,
      configHash: config.processes.content.hash,
      disruption: { maxUnavailable: 1 },
      ...(strategy === undefined ? {} : { strategy }),
      pod: {
        containers: [container(pulp)],
        initContainers: [waitForMigrations(pulp, "content")],
        security: security(pulp),
        overrides: content.pod,
        // A long download is cut only after this.
        graceSeconds: 300,
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
      content: {
        gunicorn: { workers, timeoutSeconds },
      },
    },
  } = pulp;
  const listing = { http: { path: contentProbePath(roots), port: "content" }, timeoutSeconds: 10 };
  return {
    name: "content",
    image,
    command: [
      "pulpcore-content",
      ...["--bind", `0.0.0.0:${contentPort}`],
      ...["--workers", String(workers)],
      ...["--timeout", String(timeoutSeconds)],
      ...["--graceful-timeout", "240"],
      ...["--access-logfile", "-"],
    ],
    env: [...processEnv],
    ports: [{ name: "content", port: contentPort }],
    probes: {
      startup: { ...listing, periodSeconds: 3, failureThreshold: 100 },
      readiness: { ...listing, periodSeconds: 10, failureThreshold: 3 },
      liveness: { tcp: { port: "content" }, periodSeconds: 20, timeoutSeconds: 10, failureThreshold: 6 },
    },
    preStop: pauseBeforeStop,
    mounts: [...processMounts(pulp, "content")],
    resources: {
      requests: { cpu: "50m", memory: `${130 + 60 * workers}Mi` },
      limits: { memory: `${512 * Math.max(2, workers)}Mi` },
    },
  };
}
