/** Schedulers, with the side container that has a changed tenant file taken up. Pure. */
import { type Container, NetworkRules, ServiceObject, Workload } from "@zuul-pulp/constructs";
import { Construct } from "constructs";
import { memberOf, nameOf } from "../names.ts";
import { files, paths } from "../paths.ts";
import { configMount, daemonContainer, type DaemonParts, security, stateFolder } from "./pod.ts";

export class Scheduler extends Construct {
  constructor(scope: Construct, parts: DaemonParts) {
    super(scope, "scheduler");
    const { zuul, config } = parts;
    const { spec } = zuul;
    const { count, prometheus_port: port, pod } = spec.scheduler;
    const name = nameOf(zuul, "scheduler");
    const member = memberOf(zuul, "scheduler");
    const scheduler = daemonContainer(parts, "scheduler", { mounts: [stateFolder] });
    new ServiceObject(this, "service", { name, member, ports: [{ name: "metrics", port }], headless: true });
    new NetworkRules(this, "rules", { name, member, ingress: [{ from: "anywhere", ports: [{ port }] }] });
    new Workload(this, "workload", {
      kind: "StatefulSet",
      name,
      member,
      replicas: count,
      podManagementPolicy: "Parallel",
      configHash: config.daemons.scheduler.hash,
      disruption: { maxUnavailable: 1 },
      pod: {
        containers: [scheduler, reconfigure(parts, scheduler.image)],
        security,
        overrides: pod,
        imagePullSecrets: spec.imagePullSecrets,
        graceSeconds: 120,
      },
    });
  }
}

/** Shares the folder of the command socket; every scheduler's pod has one, only the first one acts. */
function reconfigure({ zuul }: DaemonParts, image: string): Container {
  const ready = `http://127.0.0.1:${zuul.spec.scheduler.prometheus_port}/health/ready`;
  return {
    name: "reconfigure",
    image,
    command: [
      "python3",
      `${paths.zuul}/${files.reconfigure}`,
      `${paths.zuul}/${files.reconfigureOn}`,
      `${paths.state}/scheduler.socket`,
      ready,
      "2",
    ],
    mounts: [configMount(zuul, "scheduler"), stateFolder],
    resources: { requests: { cpu: "5m", memory: "24Mi" } },
  };
}
