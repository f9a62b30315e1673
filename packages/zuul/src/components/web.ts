/** Web servers: UI, API, webhooks and consoles behind one Service. Pure. */
import { type ExposeSpec, Exposure, NetworkRules, Workload } from "@zuul-pulp/constructs";
import { Construct } from "constructs";
import { memberOf, nameOf } from "../names.ts";
import { ports } from "../paths.ts";
import { daemonContainer, type DaemonParts, security, stateFolder } from "./pod.ts";

export const inside: ExposeSpec = { type: "ClusterIP" };

export class Web extends Construct {
  constructor(scope: Construct, parts: DaemonParts) {
    super(scope, "web");
    const { zuul, config } = parts;
    const { spec } = zuul;
    const { count, expose = inside, prometheus_port: port, pod } = spec.web;
    const name = nameOf(zuul, "web");
    const member = memberOf(zuul, "web");
    const http = { name: "http", port: ports.web };
    new Exposure(this, "exposure", {
      name,
      member,
      expose,
      service: { ports: [http] },
      http: [{ path: "/", service: name, port: http.port }],
    });
    new NetworkRules(this, "rules", {
      name,
      member,
      ingress: [{ from: "anywhere", ports: [{ port: http.port }, { port }] }],
    });
    new Workload(this, "workload", {
      kind: "Deployment",
      name,
      member,
      replicas: count,
      configHash: config.daemons.web.hash,
      // A new one is ready only after a scheduler has published its layouts; until then the old one serves.
      strategy: { maxSurge: 1, maxUnavailable: 0 },
      progressDeadlineSeconds: 4200,
      disruption: { maxUnavailable: 1 },
      pod: {
        containers: [daemonContainer(parts, "web", { ports: [http], mounts: [stateFolder] })],
        security,
        overrides: pod,
        imagePullSecrets: spec.imagePullSecrets,
        graceSeconds: 60,
      },
    });
  }
}
