/** Mergers: git caches that can be thrown away. Pure. */
import { NetworkRules, ServiceObject, Workload } from "@zuul-pulp/constructs";
import { Construct } from "constructs";
import { memberOf, nameOf } from "../names.ts";
import { paths } from "../paths.ts";
import { daemonContainer, type DaemonParts, security, stateFolder, stoppable } from "./pod.ts";

/** Zuul's default for one git operation. */
const gitTimeoutSeconds = 300;

export class Merger extends Construct {
  constructor(scope: Construct, parts: DaemonParts) {
    super(scope, "merger");
    const { zuul, config } = parts;
    const { spec } = zuul;
    const { count, storage, prometheus_port: port, git_timeout = gitTimeoutSeconds, pod } = spec.merger;
    const name = nameOf(zuul, "merger");
    const member = memberOf(zuul, "merger");
    new ServiceObject(this, "service", { name, member, ports: [{ name: "metrics", port }], headless: true });
    new NetworkRules(this, "rules", { name, member, ingress: [{ from: "anywhere", ports: [{ port }] }] });
    new Workload(this, "workload", {
      kind: "StatefulSet",
      name,
      member,
      replicas: count,
      podManagementPolicy: "Parallel",
      ...(storage === undefined ? {} : { volumeClaims: [{ name: "state", ...storage }] }),
      configHash: config.daemons.merger.hash,
      deletionPolicy: spec.deletionPolicy,
      disruption: { maxUnavailable: 1 },
      pod: {
        containers: [
          stoppable(
            daemonContainer(parts, "merger", {
              mounts: [
                storage === undefined
                  ? stateFolder
                  : { path: paths.state, from: { kind: "claimTemplate", name: "state" } },
              ],
            }),
          ),
        ],
        security,
        overrides: pod,
        imagePullSecrets: spec.imagePullSecrets,
        // It finishes the merge at hand.
        graceSeconds: git_timeout + 60,
      },
    });
  }
}
