/** Finger gateways: console streams on the port that finger clients know. Pure. */
import { Exposure, NetworkRules, Workload } from "@zuul-pulp/constructs";
import { Construct } from "constructs";
import { memberOf, nameOf } from "../names.ts";
import { ports } from "../paths.ts";
import { daemonContainer, type DaemonParts, security, stateFolder } from "./pod.ts";
import { inside } from "./web.ts";

export class FingerGateway extends Construct {
  constructor(scope: Construct, parts: DaemonParts) {
    super(scope, "fingergw");
    const { zuul, config } = parts;
    const { spec } = zuul;
    const { count, expose = inside, prometheus_port: port, pod } = spec.fingergw;
    const name = nameOf(zuul, "fingergw");
    const member = memberOf(zuul, "fingergw");
    // Port 79 would need root inside the pod.
    new Exposure(this, "exposure", {
      name,
      member,
      expose,
      service: { ports: [{ name: "finger", port: ports.fingerPublic }] },
    });
    new NetworkRules(this, "rules", {
      name,
      member,
      ingress: [{ from: "anywhere", ports: [{ port: ports.finger }, { port }] }],
    });
    new Workload(this, "workload", {
      kind: "Deployment",
      name,
      member,
      replicas: count,
      configHash: config.daemons.fingergw.hash,
      strategy: { maxSurge: 1, maxUnavailable: 0 },
      progressDeadlineSeconds: 4200,
      disruption: { maxUnavailable: 1 },
      pod: {
        containers: [
          daemonContainer(parts, "fingergw", {
            ports: [{ name: "finger", port: ports.finger }],
            mounts: [stateFolder],
          }),
        ],
        security,
        overrides: pod,
        imagePullSecrets: spec.imagePullSecrets,
      },
    });
  }
}
