/** Executors: the one privileged service, drained instead of stopped. Pure. */
import { NetworkRules, ServiceObject, Workload } from "@zuul-pulp/constructs";
import { Construct } from "constructs";
import { memberOf, membershipOf, nameOf } from "../names.ts";
import { paths, ports } from "../paths.ts";
import { daemonContainer, type DaemonParts, security, stoppable } from "./pod.ts";

/** Longer than the longest job: a stopped executor finishes its builds first. */
const drainSeconds = 6 * 3600;

/** StatefulSet with its headless Service, under whose names web and finger gateway stream consoles. */
export class Executor extends Construct {
  constructor(scope: Construct, parts: DaemonParts) {
    super(scope, "executor");
    const { zuul, config } = parts;
    const { spec } = zuul;
    const name = nameOf(zuul, "executor");
    const member = memberOf(zuul, "executor");
    const console = { name: "console", port: ports.console };
    // A draining pod is not ready, and its consoles are still watched.
    new ServiceObject(this, "service", {
      name,
      member,
      ports: [console],
      headless: true,
      publishNotReadyAddresses: true,
    });
    new NetworkRules(this, "rules", {
      name,
      member,
      ingress: [
        {
          from: [membershipOf(zuul, "web"), membershipOf(zuul, "fingergw")],
          ports: [{ port: ports.console }],
        },
        { from: "anywhere", ports: [{ port: spec.executor.prometheus_port }] },
      ],
    });
    new Workload(this, "workload", {
      kind: "StatefulSet",
      name,
      member,
      replicas: spec.executor.count,
      podManagementPolicy: "Parallel",
      // Git cache and builds lie on one file system, so that clones are hard links.
      volumeClaims: [{ name: "state", ...spec.executor.storage }],
      configHash: config.daemons.executor.hash,
      deletionPolicy: spec.deletionPolicy,
      disruption: { maxUnavailable: 1 },
      pod: {
        containers: [
          stoppable(
            daemonContainer(parts, "executor", {
              ports: [console],
              mounts: [
                { path: paths.state, from: { kind: "claimTemplate", name: "state" } },
                ...zuul.jobVolumes.mounts,
              ],
              security: { privileged: true, writableRoot: true },
            }),
          ),
        ],
        security: { ...security, level: "privileged" },
        overrides: spec.executor.pod,
        imagePullSecrets: spec.imagePullSecrets,
        graceSeconds: drainSeconds,
      },
    });
  }
}
