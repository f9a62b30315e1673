/** Nodepool: a launcher for each provider of the file, and builders with a disk each. Pure. */
import { type Container, type Mount, NetworkRules, Workload } from "@zuul-pulp/constructs";
import { Construct } from "constructs";
import type { ZuulConfig } from "../config.ts";
import { leavingAnnotation } from "../leaving.ts";
import { imageOf, memberOf, nameOf } from "../names.ts";
import type { LauncherShard } from "../nodepool.ts";
import type { Zuul } from "../parse.ts";
import { files, paths, ports } from "../paths.ts";
import { configMount, type DaemonParts, security, statsdEnvironment, zooKeeperMount } from "./pod.ts";

const home: Mount = { path: paths.nodepoolState, from: { kind: "emptyDir", name: "state" } };

/**
 * One process per provider: a broken cloud stops no other, and a second process would add nothing. One whose provider
 * has left the file is ready when nothing of it is left.
 */
export class NodepoolLauncher extends Construct {
  constructor(scope: Construct, { zuul, config }: DaemonParts, shard: LauncherShard) {
    super(scope, `nodepool-launcher-${shard.id}`);
    const { spec } = zuul;
    const name = nameOf(zuul, "nodepool-launcher", shard.id);
    const member = memberOf(zuul, "nodepool-launcher", shard.id);
    const { leaving } = shard;
    new NetworkRules(this, "rules", { name, member, ingress: [] });
    new Workload(this, "workload", {
      kind: "Deployment",
      name,
      member,
      replicas: 1,
      configHash: shard.files.hash,
      strategy: "Recreate",
      // Jobs on its nodes may run for hours, and held nodes for weeks: this number means no deadline.
      progressDeadlineSeconds: leaving === undefined ? 4200 : 2 ** 31 - 1,
      ...(leaving === undefined ? {} : { annotations: { [leavingAnnotation]: shard.provider } }),
      pod: {
        containers: [
          {
            ...nodepoolContainer(zuul, config, "nodepool-launcher", leaving?.image ?? spec.launcher?.image),
            ports: [{ name: "web", port: ports.nodepoolWeb }],
            probes: {
              startup: { tcp: { port: "web" }, periodSeconds: 5, failureThreshold: 720 },
              liveness: { tcp: { port: "web" }, periodSeconds: 20, failureThreshold: 6 },
              readiness:
                leaving === undefined
                  ? { http: { path: "/ready", port: "web" }, periodSeconds: 5, timeoutSeconds: 5 }
                  : { exec: drained(zuul, shard), periodSeconds: 10, timeoutSeconds: 15 },
            },
            mounts: [configMount(zuul, "nodepool-launcher", shard.id), home, ...nodepoolMounts(config)],
          },
        ],
        security,
        overrides: spec.launcher?.pod,
        imagePullSecrets: spec.imagePullSecrets,
      },
    });
  }
}

/** Images count only where the builders are ours: nobody else would delete them for us. */
function drained({ spec }: Zuul, { provider }: LauncherShard): readonly string[] {
  const pages = spec.builder === undefined ? ["/node-list"] : ["/node-list", "/image-list"];
  const web = `http://127.0.0.1:${ports.nodepoolWeb}`;
  return ["python3", `${paths.nodepool}/${files.drained}`, web, provider, ...pages];
}

export class NodepoolBuilder extends Construct {
  constructor(
    scope: Construct,
    { zuul, config }: DaemonParts,
    builder: NonNullable<Zuul["spec"]["builder"]>,
  ) {
    super(scope, "nodepool-builder");
    const { spec } = zuul;
    const name = nameOf(zuul, "nodepool-builder");
    const member = memberOf(zuul, "nodepool-builder");
    const container = nodepoolContainer(zuul, config, "nodepool-builder", builder.image);
    const secure =
      config.nodepool.builder?.entries.has(files.secureConf) === true ? ["-s", paths.secureConf] : [];
    const state: Mount = { path: paths.nodepoolState, from: { kind: "claimTemplate", name: "state" } };
    new NetworkRules(this, "rules", { name, member, ingress: [] });
    new Workload(this, "workload", {
      kind: "StatefulSet",
      name,
      member,
      replicas: builder.count,
      podManagementPolicy: "Parallel",
      volumeClaims: [{ name: "state", ...builder.storage }],
      configHash: config.nodepool.builder?.hash,
      deletionPolicy: spec.deletionPolicy,
      disruption: { maxUnavailable: 1 },
      pod: {
        // Nodepool writes into these folders and makes neither.
        initContainers: [
          {
            name: "folders",
            image: container.image,
            command: ["mkdir", "-p", paths.nodepoolImages, paths.nodepoolLogs],
            mounts: [state],
            resources: { requests: { cpu: "5m", memory: "8Mi" } },
          },
        ],
        containers: [
          {
            ...container,
            command: [...(container.command ?? []), ...secure],
            // As process 1 it ignores SIGTERM; SIGINT is its clean stop.
            preStop: ["sh", "-c", "kill -INT 1"],
            mounts: [configMount(zuul, "nodepool-builder"), state, ...nodepoolMounts(config)],
            ...(builder.privileged ? { security: { privileged: true, writableRoot: true } } : {}),
          },
        ],
        security: builder.privileged ? { ...security, level: "privileged" } : security,
        overrides: builder.pod,
        imagePullSecrets: spec.imagePullSecrets,
        graceSeconds: 120,
      },
    });
  }
}

function nodepoolContainer(
  zuul: Zuul,
  config: ZuulConfig,
  program: "nodepool-launcher" | "nodepool-builder",
  image: string | undefined,
): Container {
  const { spec } = zuul;
  const logging = config.loggingFile === undefined ? [] : ["-l", `${paths.nodepool}/${config.loggingFile}`];
  return {
    name: program,
    image: imageOf(image, `${spec.imagePrefix}/${program}`, spec.nodepoolVersion),
    // -d is -f at level DEBUG.
    command: [
      program,
      spec.logging.debug ? "-d" : "-f",
      "-c",
      `${paths.nodepool}/${files.nodepool}`,
      ...logging,
    ],
    env: [...statsdEnvironment(zuul), ...config.clouds.env],
    resources: { requests: { cpu: "20m", memory: "128Mi" } },
  };
}

const nodepoolMounts = (config: ZuulConfig): readonly Mount[] => [
  zooKeeperMount(config),
  ...config.clouds.mounts,
];
