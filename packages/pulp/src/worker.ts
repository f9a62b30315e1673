/** Workers: a Deployment without ports or probes; Pulp itself says which are online. Pure. */
import { NetworkRules, Workload } from "@zuul-pulp/constructs";
import { Construct } from "constructs";
import type { PulpConfig } from "./config.ts";
import { placement, processEnv, processMounts, security, waitForMigrations } from "./daemon-pod.ts";
import { memberOf, nameOf } from "./names.ts";
import type { Pulp } from "./parse.ts";

export class Worker extends Construct {
  constructor(scope: Construct, id: string, pulp: Pulp, config: PulpConfig) {
    super(scope, id);
    const {
      name,
      spec: { worker, version, imagePullSecrets },
    } = pulp;
    const { strategy, affinity } = placement(pulp);
    // Nobody calls a worker.
    new NetworkRules(this, "rules", {
      name: nameOf(name, "worker"),
      member: memberOf(name, "worker"),
      ingress: [],
    });
    new Workload(this, "workload", {
      kind: "Deployment",
      name: nameOf(name, "worker"),
      member: memberOf(name, "worker", version),
      replicas: worker.replicas,
      configHash: config.processes.worker.hash,
      disruption: { maxUnavailable: 1 },
      ...(strategy === undefined ? {} : { strategy }),
      pod: {
        containers: [
          {
            name: "worker",
            image: config.image,
            // As process 1, so that SIGTERM reaches it: it then takes no new task and ends after the running one.
            command: ["pulpcore-worker"],
            env: [...processEnv],
            mounts: [...processMounts(pulp, "worker")],
            resources: { requests: { cpu: "50m", memory: "256Mi" } },
          },
        ],
        initContainers: [waitForMigrations(pulp, config, "worker")],
        security: security(pulp),
        overrides: worker.pod,
        graceSeconds: worker.graceSeconds,
        imagePullSecrets,
        ...(affinity === undefined ? {} : { affinity }),
      },
    });
  }
}
