/** What api and content share: a Deployment of gunicorn pods behind a Service, open on one port and no other. Pure. */
import { type Container, NetworkRules, type Probe, ServiceObject, Workload } from "@zuul-pulp/constructs";
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
import { home } from "./folders.ts";
import { memberOf, nameOf } from "./names.ts";
import type { Pulp } from "./parse.ts";
import { hasControlSocketFlag } from "./versions.ts";

/** Where one of the two differs from the other. */
export interface GunicornProps {
  readonly component: "api" | "content";
  readonly port: number;
  /** Options beyond those that both have. */
  readonly options: readonly string[];
  readonly probes: { readonly startup: Probe; readonly readiness: Probe; readonly liveness: Probe };
  /** Seconds that gunicorn gives requests under way, and seconds until the pod is killed. */
  readonly graceSeconds: { readonly requests: number; readonly pod: number };
  /** MiB of the pod with no gunicorn process, and of each process. */
  readonly memoryMiB: { readonly pod: number; readonly each: number };
}

/** The name that clients use; it is there before the first process. */
export class GunicornService extends Construct {
  constructor(scope: Construct, id: string, pulp: Pulp, { component, port }: GunicornProps) {
    super(scope, id);
    const name = nameOf(pulp.name, component);
    const member = memberOf(pulp.name, component, pulp.spec.version);
    new ServiceObject(this, "service", { name, member, ports: [{ name: component, port }] });
    // Anybody may come, as Ingress controllers and the operator live in other namespaces.
    new NetworkRules(this, "rules", { name, member, ingress: [{ from: "anywhere", ports: [{ port }] }] });
  }
}

export class Gunicorn extends Construct {
  constructor(scope: Construct, id: string, pulp: Pulp, config: PulpConfig, props: GunicornProps) {
    super(scope, id);
    const { component } = props;
    const { version, imagePullSecrets, [component]: spec } = pulp.spec;
    const { strategy, affinity } = placement(pulp);
    new Workload(this, "workload", {
      kind: "Deployment",
      name: nameOf(pulp.name, component),
      member: memberOf(pulp.name, component, version),
      replicas: spec.replicas,
      configHash: config.processes[component].hash,
      disruption: { maxUnavailable: 1 },
      ...(strategy === undefined ? {} : { strategy }),
      pod: {
        containers: [container(pulp, config, props)],
        initContainers: [waitForMigrations(pulp, config, component)],
        security: security(pulp),
        overrides: spec.pod,
        graceSeconds: props.graceSeconds.pod,
        imagePullSecrets,
        ...(affinity === undefined ? {} : { affinity }),
      },
    });
  }
}

function container(pulp: Pulp, { image }: PulpConfig, props: GunicornProps): Container {
  const { component, port, options, probes, graceSeconds, memoryMiB } = props;
  const { workers, timeoutSeconds } = pulp.spec[component].gunicorn;
  return {
    name: component,
    image,
    command: [
      `pulpcore-${component}`,
      ...["--bind", `0.0.0.0:${port}`],
      ...["--workers", String(workers)],
      ...["--timeout", String(timeoutSeconds)],
      ...["--graceful-timeout", String(graceSeconds.requests)],
      ...["--access-logfile", "-"],
      ...(hasControlSocketFlag(pulp.spec.version) ? ["--no-control-socket"] : []),
      ...options,
    ],
    env: [...processEnv],
    // Some releases of gunicorn write a socket where they are started.
    workingDir: home,
    ports: [{ name: component, port }],
    probes,
    preStop: pauseBeforeStop,
    mounts: [...processMounts(pulp, component)],
    resources: {
      requests: { cpu: "50m", memory: `${memoryMiB.pod + memoryMiB.each * workers}Mi` },
      limits: { memory: `${512 * Math.max(2, workers)}Mi` },
    },
  };
}
