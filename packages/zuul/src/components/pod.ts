/** What every pod of Zuul and Nodepool has in common: identity, files, probes, modest requests. Pure. */
import type { Container, EnvVar, Mount, PodSecurity, Probes } from "@zuul-pulp/constructs";
import type { ZuulConfig } from "../config.ts";
import type { Daemon } from "../daemons.ts";
import { configSecretOf, imageOf } from "../names.ts";
import type { Zuul } from "../parse.ts";
import { files, paths } from "../paths.ts";

/** The user of the published images; it must exist in `/etc/passwd`, where bubblewrap looks it up. */
export const zuulUser = 10001;

export const security: PodSecurity = { runAsUser: zuulUser, runAsGroup: zuulUser, fsGroup: zuulUser };

/** Modest, so that a whole Zuul fits on a small node; `pod.resources` replaces them. */
const memory: Readonly<Record<Daemon, string>> = {
  executor: "256Mi",
  merger: "160Mi",
  scheduler: "224Mi",
  web: "224Mi",
  fingergw: "96Mi",
};

export interface DaemonParts {
  readonly zuul: Zuul;
  readonly config: ZuulConfig;
}

/** The service's own image, else upstream's for the release. */
export function daemonImage({ spec }: Zuul, daemon: Daemon): string {
  return imageOf(spec[daemon].image, `${spec.imagePrefix}/zuul-${daemon}`, spec.version);
}

/** The daemon's container: no shell between, so that a stop reaches the program alone and not its children. */
export function daemonContainer(
  { zuul, config }: DaemonParts,
  daemon: Daemon,
  own: Pick<Container, "ports" | "mounts" | "security">,
): Container {
  const { spec } = zuul;
  const service = spec[daemon];
  return {
    name: daemon,
    image: daemonImage(zuul, daemon),
    command: [`zuul-${daemon}`, "-f", ...(spec.logging.debug ? ["-d"] : [])],
    ports: [...(own.ports ?? []), { name: "metrics", port: service.prometheus_port }],
    probes,
    mounts: [configMount(zuul, daemon), zooKeeperMount(config), ...(own.mounts ?? [])],
    resources: { requests: { cpu: daemon === "scheduler" ? "40m" : "50m", memory: memory[daemon] } },
    ...(own.security === undefined ? {} : { security: own.security }),
  };
}

/** How long a stopped program stays while ZooKeeper does not answer, and how often that is looked at. Seconds. */
const [patience, pause] = ["30", "5"];

/** The same program below `runnerScript`, so that its stop never waits for a ZooKeeper that is gone. */
export function stoppable(container: Container): Container {
  const script = `${paths.zuul}/${files.runner}`;
  const conf = `${paths.zuul}/${files.zuulConf}`;
  return { ...container, command: ["python3", script, conf, patience, pause, ...(container.command ?? [])] };
}

/** As a directory: kubelet never refreshes a file mounted with subPath. */
export function configMount(zuul: Zuul, component: string, ...more: readonly string[]): Mount {
  const path = component.startsWith("nodepool") ? paths.nodepool : paths.zuul;
  return { path, from: { kind: "secret", name: configSecretOf(zuul, component, ...more), mode: 0o440 } };
}

/** One function for every pod, so that an external ensemble's Secret is used everywhere or nowhere. */
export function zooKeeperMount({ zooKeeperClient }: ZuulConfig): Mount {
  const items = ["ca.crt", "tls.crt", "tls.key"].map((key) => ({ key, path: key }));
  return { path: paths.zookeeper, from: { kind: "secret", name: zooKeeperClient, items, mode: 0o440 } };
}

/**
 * The port opens once ZooKeeper has answered, and loading all tenants of a large system takes long: an hour of patience
 * at start. `/health/ready` is also 200 while paused.
 */
const probes: Probes = {
  startup: {
    http: { path: "/health/live", port: "metrics" },
    periodSeconds: 5,
    timeoutSeconds: 5,
    failureThreshold: 720,
  },
  liveness: {
    http: { path: "/health/live", port: "metrics" },
    periodSeconds: 20,
    timeoutSeconds: 10,
    failureThreshold: 6,
  },
  readiness: {
    http: { path: "/health/ready", port: "metrics" },
    periodSeconds: 5,
    timeoutSeconds: 5,
    failureThreshold: 3,
  },
};

/** A folder that lives as long as the pod: sockets, known hosts, caches. */
export const stateFolder: Mount = { path: paths.state, from: { kind: "emptyDir", name: "state" } };

/** Nodepool knows statsd only by its environment. */
export function statsdEnvironment({ sections }: Zuul): readonly EnvVar[] {
  const statsd = sections.find(({ name }) => name === "statsd")?.options ?? [];
  const text = (option: string): string | undefined => {
    const value = statsd.find(({ name }) => name === option)?.value;
    return value?.kind === "text" ? value.text : undefined;
  };
  const server = text("server");
  return server === undefined
    ? []
    : [
        { name: "STATSD_HOST", value: server },
        { name: "STATSD_PORT", value: text("port") ?? "8125" },
      ];
}
