/** nginx in front of api and content: one port for all paths. Pure. */
import { backingSecurity, backingUsers, ConfigFiles, type Container, Workload } from "@zuul-pulp/constructs";
import { Construct } from "constructs";
import type { PulpConfig } from "./config.ts";
import { nginxFolder, nginxTlsFolder } from "./folders.ts";
import { memberOf, nameOf } from "./names.ts";
import { webHealthPath, webPort, webTlsPort } from "./nginx-conf.ts";
import type { Pulp } from "./parse.ts";

const nginx = `nginx -c ${nginxFolder}/nginx.conf -e stderr`;

export class Web extends Construct {
  constructor(scope: Construct, id: string, pulp: Pulp, { nginx: rendered }: PulpConfig) {
    super(scope, id);
    const {
      name,
      spec: {
        web,
        imagePullSecrets,
        security: { arbitrary },
      },
    } = pulp;
    const member = memberOf(name, "web");
    new ConfigFiles(this, "files", {
      name: nameOf(name, "web"),
      member,
      files: { "nginx.conf": rendered.conf },
    });
    new Workload(this, "workload", {
      kind: "Deployment",
      name: nameOf(name, "web"),
      member,
      replicas: web.replicas,
      configHash: rendered.hash,
      disruption: { maxUnavailable: 1 },
      pod: {
        containers: [container(pulp)],
        security: arbitrary ? {} : backingSecurity(backingUsers.nginx),
        overrides: web.pod,
        graceSeconds: 60,
        imagePullSecrets,
      },
    });
  }
}

function container({ name, spec: { web, expose } }: Pulp): Container {
  const health = { http: { path: webHealthPath, port: "http" }, timeoutSeconds: 5 };
  const tls = expose.tls;
  return {
    name: "nginx",
    image: web.image,
    // nginx ends at once when a name is unknown, and DNS learns of a new Service a moment after the API server does.
    command: [
      "sh",
      "-c",
      `trap exit TERM; until ${nginx} -t -q; do sleep 1; done; exec ${nginx} -g "daemon off;"`,
    ],
    ports: [
      { name: "http", port: webPort },
      ...(tls === undefined ? [] : [{ name: "https", port: webTlsPort }]),
    ],
    probes: {
      startup: { ...health, periodSeconds: 1, failureThreshold: 60 },
      readiness: { ...health, periodSeconds: 10, failureThreshold: 3 },
      liveness: { ...health, periodSeconds: 20, failureThreshold: 3 },
    },
    // SIGTERM would cut requests; QUIT lets them end. Endpoints are dropped meanwhile.
    preStop: ["sh", "-c", `sleep 5; ${nginx} -s quit; sleep 20`],
    mounts: [
      { path: nginxFolder, from: { kind: "configMap", name: nameOf(name, "web") } },
      ...(tls === undefined
        ? []
        : [{ path: nginxTlsFolder, from: { kind: "secret" as const, name: tls.secretName, mode: 0o440 } }]),
    ],
    resources: { requests: { cpu: "10m", memory: "32Mi" } },
  };
}
