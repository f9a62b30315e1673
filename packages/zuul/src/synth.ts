/** Step 4: config to manifests, in the stages of a Zuul upgrade; `rollout.ts` puts the gates between them. Pure. */
import { ensembleSizeAnnotation, given, synthesizeStages, TypedObject } from "@zuul-pulp/constructs";
import {
  Blocked,
  memberLabels,
  type Notice,
  type Plan,
  remembering,
  type Stage,
} from "@zuul-pulp/k8s-core/model";
import { secretManifest } from "@zuul-pulp/secret-ref";
import type { Construct } from "constructs";
import { Backing } from "./components/backing.ts";
import { Executor } from "./components/executor.ts";
import { FingerGateway } from "./components/fingergw.ts";
import { Merger } from "./components/merger.ts";
import { NodepoolBuilder, NodepoolLauncher } from "./components/nodepool.ts";
import { Scheduler } from "./components/scheduler.ts";
import { Web } from "./components/web.ts";
import type { ZuulConfig } from "./config.ts";
import { daemons } from "./daemons.ts";
import { isHostPathAllowed } from "./job-volumes.ts";
import { type Live, nothingLive } from "./live.ts";
import { type Component, configSecretOf, memberOf, nameOf } from "./names.ts";
import type { Zuul } from "./parse.ts";
import type { ZuulPermissions } from "./permissions.ts";
import { type Gates, gatesOf } from "./rollout.ts";
import type { PodFiles } from "./zuul-conf.ts";

/**
 * @param live what runs now, which decides the gates; absent: nothing does
 * @throws Blocked `Refused` when the resource asks for power that the administrator did not grant
 */
export function synthZuul(
  zuul: Zuul,
  config: ZuulConfig,
  permissions: ZuulPermissions,
  live: Live = nothingLive,
): Plan {
  refuseUngranted(zuul, permissions);
  refuseOtherEnsemble(zuul, live);
  return {
    stages: stagesOf(zuul, config, gatesOf(zuul, live)),
    notices: [...config.notices, ...restrictedBuilder(zuul)],
    deletionPolicy: zuul.spec.deletionPolicy,
  };
}

const stagesOf = remembering((zuul: Zuul, config: ZuulConfig, gates: Gates): readonly Stage[] => {
  const parts = { zuul, config };
  const { builder } = zuul.spec;
  return synthesizeStages(
    [
      {
        name: "backing",
        build: (scope) => {
          configSecrets(scope, zuul, config);
          new Backing(scope, parts);
        },
      },
      {
        name: "executors",
        ...given({ gate: gates.executors }),
        build: (scope) => void new Executor(scope, parts),
      },
      {
        name: "mergers",
        ...given({ gate: gates.mergers }),
        build: (scope) => void new Merger(scope, parts),
      },
      {
        name: "schedulers",
        ...given({ gate: gates.schedulers }),
        build: (scope) => void new Scheduler(scope, parts),
      },
      {
        name: "edge",
        ...given({ gate: gates.edge }),
        build: (scope) => {
          new Web(scope, parts);
          new FingerGateway(scope, parts);
          for (const shard of config.nodepool.launchers) new NodepoolLauncher(scope, parts, shard);
          if (builder !== undefined) new NodepoolBuilder(scope, parts, builder);
        },
      },
    ],
    { namespace: zuul.namespace },
  );
});

/** One Secret per pod, with what this pod uses and nothing else. */
function configSecrets(scope: Construct, zuul: Zuul, { daemons: conf, nodepool }: ZuulConfig): void {
  for (const daemon of daemons) configSecret(scope, zuul, conf[daemon], daemon);
  for (const { id, files } of nodepool.launchers) configSecret(scope, zuul, files, "nodepool-launcher", id);
  if (nodepool.builder !== undefined) configSecret(scope, zuul, nodepool.builder, "nodepool-builder");
}

function configSecret(
  scope: Construct,
  zuul: Zuul,
  { entries }: PodFiles,
  component: Component,
  shard?: string,
): void {
  const name = configSecretOf(zuul, component, ...(shard === undefined ? [] : [shard]));
  const labels = memberLabels(memberOf(zuul, component, shard));
  new TypedObject(scope, `config-${name}`, secretManifest({ name, labels, entries }));
}

function refuseUngranted({ spec, jobVolumes }: Zuul, permissions: ZuulPermissions): void {
  const refused = [
    ...(spec.executor.count > 0 && !permissions.privilegedExecutor
      ? [
          "spec.executor needs privileged pods, which this operator was installed without: install it without --no-privileged-executor",
        ]
      : []),
    ...(spec.builder?.privileged === true && !permissions.privilegedBuilder
      ? ["spec.builder.privileged needs an operator installed with --allow-privileged-builder"]
      : []),
    ...jobVolumes.hostPaths
      .filter(({ hostPath }) => !isHostPathAllowed(hostPath, permissions.hostPathPrefixes))
      .map(
        ({ at, hostPath }) =>
          `spec.${at} asks for ${hostPath} of the node, which needs an operator installed with --allow-host-path`,
      ),
  ];
  if (refused.length > 0) throw new Blocked("Refused", refused.join("; "));
}

/**
 * The spec cannot change the number of members, but a Zuul that is made again on volumes that were kept can ask for
 * another one, and the new, empty members would outvote those with the data.
 */
function refuseOtherEnsemble({ name, zookeeper }: Zuul, live: Live): void {
  if (zookeeper.kind === "external") return;
  const sizes = live
    .liveOf("PersistentVolumeClaim")
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .filter(({ metadata }) => metadata.labels?.["app.kubernetes.io/component"] === "zookeeper")
    .flatMap(({ metadata }) => metadata.annotations?.[ensembleSizeAnnotation] ?? []);
  const other = sizes.find((size) => size !== String(zookeeper.count));
  if (other !== undefined)
    throw new Blocked(
      "InvalidSpec",
      `spec.zookeeper.count is ${zookeeper.count}, but the volumes of ${nameOf({ name }, "zookeeper")} are those of ` +
        `${other} members: set ${other}, or delete these volume claims if nobody needs the keys in them`,
    );
}

function restrictedBuilder({ spec: { builder } }: Zuul): readonly Notice[] {
  if (builder === undefined || builder.count === 0 || builder.privileged) return [];
  const message =
    "spec.builder runs restricted; most image formats need privileged: true and --allow-privileged-builder";
  return [{ type: "Warning", reason: "RestrictedBuilder", message }];
}
