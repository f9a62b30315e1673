/** Step 7: what is said about one Pulp: its own words beside the state of its pods. Pure. */
import type { ConditionClaim, LiveObject, Observed, StatusClaim } from "@zuul-pulp/k8s-core/model";
import type { PulpConfig } from "./config.ts";
import { fields, text } from "./json.ts";
import { type Pulp, storageIdentity } from "./parse.ts";
import { type PulpFacts, pods } from "./probe.ts";
import { bytesOf } from "./quantity.ts";
import {
  databaseOutage,
  isFormer,
  isMigrated,
  migrationTrouble,
  podTrouble,
  withoutStorageClass,
} from "./trouble.ts";

export interface PulpStatus extends StatusClaim {
  readonly image: string;
  readonly pinnedImage?: string;
  readonly database?: string;
  readonly storage?: string;
  readonly adminSecret: { readonly secretName: string; readonly key: string };
}

type Waiting = NonNullable<StatusClaim["waiting"]>;

export function statusOf(pulp: Pulp, config: PulpConfig, observed: Observed<PulpFacts>): PulpStatus {
  const facts = observed.facts?.value;
  const waiting = waitingFor(pulp, config, observed);
  const version = facts?.versions["core"] ?? pulp.recorded.version;
  const url = config.url;
  return {
    ...(version === undefined ? {} : { version }),
    ...(url === undefined ? {} : { url }),
    image: pulp.image,
    ...(config.image === pulp.image ? {} : { pinnedImage: config.image }),
    ...whatHoldsData(pulp, config, observed),
    adminSecret: { secretName: config.adminSecret.name, key: config.adminSecret.key },
    components: observed.components,
    conditions: [configValid(), dependenciesReady(pulp, observed), rolloutComplete(waiting)],
    ...(facts === undefined ? {} : toldByPulp(pulp, facts, observed.applied.pods)),
    ...(waiting === undefined ? {} : { waiting }),
  };
}

/** Recorded, and so refused to change, only once there is something to lose: a typing error can be corrected. */
function whatHoldsData(pulp: Pulp, config: PulpConfig, observed: Observed<PulpFacts>) {
  const { recorded, storage } = pulp;
  const facts = observed.facts?.value;
  const isStored = facts !== undefined && (storage.kind === "filesystem" || (facts.storage.usedMiB ?? 0) > 0);
  return {
    ...(recorded.database !== undefined || isMigrated(pulp, config, observed)
      ? { database: config.databaseIdentity }
      : {}),
    ...(recorded.storage !== undefined || isStored ? { storage: storageIdentity(storage) } : {}),
  };
}

function toldByPulp(
  pulp: Pulp,
  facts: PulpFacts,
  running: readonly LiveObject[],
): Readonly<Record<string, unknown>> {
  const { api, content } = pulp.spec;
  return {
    plugins: facts.versions,
    storageUsage: facts.storage,
    online: {
      apiProcesses: online(facts.apiProcesses, running, api.gunicorn.workers),
      contentProcesses: online(facts.contentProcesses, running, content.gunicorn.workers),
      workers: online(facts.workers, running, 1),
    },
    ...(facts.tasks === undefined ? {} : { tasks: facts.tasks }),
    ...(pulp.cache.kind === "off" ? {} : { cacheConnected: facts.cacheConnected }),
  };
}

/**
 * Processes that can be online: of a pod that is there, and no more than it runs. Whoever is killed stays in Pulp's list
 * for up to two minutes, and leaving it then would change the status of a Pulp that rests.
 */
function online(processes: readonly string[], running: readonly LiveObject[], inEachPod: number): number {
  const listed = Map.groupBy(pods(processes), (pod) => pod);
  return running
    .filter((pod) => !/^(Succeeded|Failed)$/.test(text(fields(pod["status"])["phase"]) ?? ""))
    .map(({ metadata }) => Math.min(listed.get(hostName(metadata.name))?.length ?? 0, inEachPod))
    .reduce((sum, count) => sum + count, 0);
}

/** The first thing that is missing, in the order in which a Pulp comes up. */
function waitingFor(pulp: Pulp, config: PulpConfig, observed: Observed<PulpFacts>): Waiting | undefined {
  return (
    withoutStorageClass(pulp, observed) ??
    migrationTrouble(pulp, config, observed) ??
    podTrouble(pulp, config, observed) ??
    databaseOutage(pulp, observed) ??
    observed.waiting ??
    address(config) ??
    pulpsOwnWord(pulp, config, observed)
  );
}

function address({ addressWaitingFor }: PulpConfig): Waiting | undefined {
  if (addressWaitingFor === undefined) return undefined;
  return { reason: "AddressPending", message: `Waiting for ${addressWaitingFor}` };
}

/** Pods may be ready while Pulp does not count them yet, or while it still counts those before them. */
function pulpsOwnWord(
  pulp: Pulp,
  config: PulpConfig,
  { facts, applied }: Observed<PulpFacts>,
): Waiting | undefined {
  const { spec } = pulp;
  if (spec.api.replicas === 0) return undefined;
  const waiting = (message: string): Waiting => ({
    reason: "WaitingForPulp",
    message: `Waiting for Pulp ${message}`,
  });
  if (facts === undefined) return waiting("to answer for the first time");
  if (facts.error !== undefined) return waiting(`to answer again: ${facts.error}`);
  const { apiProcesses, contentProcesses, workers } = facts.value;
  const present = new Set(
    applied.pods
      .filter((pod) => pod.metadata.deletionTimestamp === undefined && !isFormer(pulp, config, pod))
      .map(({ metadata }) => hostName(metadata.name)),
  );
  const seen = (processes: readonly string[]): number =>
    new Set(pods(processes).filter((pod) => present.has(pod))).size;
  const rows = [
    { what: "api", desired: spec.api.replicas, seen: seen(apiProcesses) },
    { what: "content", desired: spec.content.replicas, seen: seen(contentProcesses) },
    { what: "worker", desired: spec.worker.replicas, seen: seen(workers) },
  ];
  const missing = rows.find(({ desired, seen }) => seen < desired);
  return (
    missing && waiting(`to count ${missing.desired} ${missing.what} pods as online: ${missing.seen} so far`)
  );
}

/** What a pod calls itself: kubelet cuts a longer name. */
function hostName(pod: string): string {
  return pod.slice(0, 63).replace(/[-.]+$/, "");
}

function configValid(): ConditionClaim {
  return {
    type: "ConfigValid",
    status: "True",
    reason: "Rendered",
    message: "The settings of every process could be written",
  };
}

const backing: readonly string[] = ["database", "cache", "storage"];

function dependenciesReady(pulp: Pulp, observed: Observed<PulpFacts>): ConditionClaim {
  const open = [...observed.objects.values()].find(
    ({ live, readiness }) =>
      !readiness.ready && backing.includes(live?.metadata.labels?.["app.kubernetes.io/component"] ?? ""),
  );
  const outage = databaseOutage(pulp, observed);
  const cacheLost = pulp.cache.kind !== "off" && observed.facts?.value.cacheConnected === false;
  const claim = (status: ConditionClaim["status"], reason: string, message: string): ConditionClaim => ({
    type: "DependenciesReady",
    status,
    reason,
    message,
  });
  if (open !== undefined)
    return claim("False", "NotReady", `Waiting for ${open.readiness.waitingFor ?? open.ref.name}`);
  if (outage !== undefined) return claim("False", outage.reason, outage.message);
  // Pulp serves without its cache, only slower: a warning, not a reason to be unready.
  if (cacheLost)
    return claim(
      "False",
      "CacheUnreachable",
      `Pulp does not reach its cache and serves without it${
        pulp.cache.kind === "external"
          ? `: correct Secret "${pulp.cache.secretName}" (spec.cache.secretName), or bring the cache back`
          : ""
      }`,
    );
  const growing = growingClaim(observed);
  if (growing !== undefined) return claim("False", "VolumeGrowing", growing);
  return claim("True", "Reachable", "Database, cache and storage are there");
}

/** Kubernetes and the storage driver do this beside the pods that go on. */
function growingClaim({ objects }: Observed<PulpFacts>): string | undefined {
  for (const { ref, live } of objects.values()) {
    if (ref.kind !== "PersistentVolumeClaim" || live === undefined) continue;
    const asked = text(fields(fields(fields(live["spec"])["resources"])["requests"])["storage"]);
    const held = text(fields(fields(live["status"])["capacity"])["storage"]);
    if (asked !== undefined && held !== undefined && (bytesOf(held) ?? 0) < (bytesOf(asked) ?? 0))
      return `Volume claim ${ref.name} is growing from ${held} to ${asked}`;
  }
  return undefined;
}

function rolloutComplete(waiting: Waiting | undefined): ConditionClaim {
  return {
    type: "RolloutComplete",
    status: waiting === undefined ? "True" : "False",
    reason: waiting?.reason ?? "AllUpdated",
    message: waiting?.message ?? "All pods are up to date and ready",
  };
}
