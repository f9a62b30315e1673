/** Step 7: what is said about one Pulp: its own words beside the state of its pods. Pure. */
import type { ConditionClaim, LiveObject, Observed, StatusClaim } from "@zuul-pulp/k8s-core/model";
import type { PulpConfig } from "./config.ts";
import { migrationName } from "./jobs.ts";
import { nameOf } from "./names.ts";
import { type Pulp, storageIdentity } from "./parse.ts";
import { type PulpFacts, pods } from "./probe.ts";

export interface PulpStatus extends StatusClaim {
  readonly image: string;
  readonly database: string;
  readonly storage: string;
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
    database: config.databaseIdentity,
    storage: storageIdentity(pulp.storage),
    adminSecret: { secretName: config.adminSecret.name, key: config.adminSecret.key },
    components: observed.components,
    conditions: [configValid(), dependenciesReady(pulp, observed), rolloutComplete(waiting)],
    ...(facts === undefined ? {} : toldByPulp(pulp, facts)),
    ...(waiting === undefined ? {} : { waiting }),
  };
}

function toldByPulp(pulp: Pulp, facts: PulpFacts): Readonly<Record<string, unknown>> {
  return {
    plugins: facts.versions,
    storageUsage: facts.storage,
    online: {
      apiProcesses: facts.apiProcesses.length,
      contentProcesses: facts.contentProcesses.length,
      workers: facts.workers.length,
    },
    ...(facts.tasks === undefined ? {} : { tasks: facts.tasks }),
    ...(pulp.cache.kind === "off" ? {} : { cacheConnected: facts.cacheConnected }),
  };
}

/** The first thing that is missing, in the order in which a Pulp comes up. */
function waitingFor(pulp: Pulp, config: PulpConfig, observed: Observed<PulpFacts>): Waiting | undefined {
  return (
    withoutStorageClass(pulp, observed) ??
    failedMigration(pulp, config, observed) ??
    databaseOutage(observed) ??
    observed.waiting ??
    address(config) ??
    pulpsOwnWord(pulp, observed)
  );
}

/** A claim without class stays pending for ever when the cluster has no default, and nobody says so. */
function withoutStorageClass({ name }: Pulp, { objects }: Observed<PulpFacts>): Waiting | undefined {
  for (const { ref, live, readiness } of objects.values()) {
    if (ref.kind !== "PersistentVolumeClaim" || live === undefined || readiness.ready) continue;
    if (text(record(live["spec"])["storageClassName"]) !== undefined) continue;
    const field =
      ref.name === nameOf(name, "storage") ? "spec.storage.filesystem" : "spec.database.single.storage";
    return {
      reason: "NoStorageClass",
      message: `Volume claim ${ref.name} has no storage class and the cluster no default one: set ${field}.storageClassName`,
    };
  }
  return undefined;
}

/** The words of the pod say more than those of the Job; the old version serves on. */
function failedMigration(
  pulp: Pulp,
  config: PulpConfig,
  { objects, applied }: Observed<PulpFacts>,
): Waiting | undefined {
  const name = migrationName(pulp, config);
  const job = [...objects.values()].find(({ ref }) => ref.kind === "Job" && ref.name === name);
  if (job === undefined || job.readiness.ready) return undefined;
  const words = lastWords(applied.pods, name);
  if (job.readiness.failed === true)
    return {
      reason: "MigrationFailed",
      message: `The migration to ${pulp.spec.version} failed${words === undefined ? "" : `: ${words}`}; what ran before is untouched`,
      stalled: true,
    };
  if (words === undefined) return undefined;
  return {
    reason: "MigrationRetrying",
    message: `The migration to ${pulp.spec.version} is tried again: ${words}`,
  };
}

/** End of what the latest ended pod of a Job wrote. Kubernetes keeps it in the pod's status. */
function lastWords(all: readonly LiveObject[], job: string): string | undefined {
  const ended = all
    .filter(({ metadata }) => metadata.name.startsWith(`${job}-`))
    .flatMap((pod) => list(record(pod["status"])["containerStatuses"]))
    .map((status) => record(record(record(status)["state"])["terminated"]))
    .filter((terminated) => terminated["exitCode"] !== 0 && text(terminated["message"]) !== undefined)
    .sort((a, b) => ((text(a["finishedAt"]) ?? "") < (text(b["finishedAt"]) ?? "") ? 1 : -1));
  const message = text(ended[0]?.["message"]);
  return message?.trim().split("\n").slice(-3).join(" | ").slice(-500);
}

/**
 * Every process ends itself when the database is gone, so crash loops are its echo and not the news. First the status
 * page answers 500; once nothing runs any more, the last words of the containers tell.
 */
function databaseOutage({ facts, applied }: Observed<PulpFacts>): Waiting | undefined {
  if (facts?.error === undefined || applied.closedGate !== undefined) return undefined;
  if (/answered 500/.test(facts.error))
    return {
      reason: "DatabaseUnreachable",
      message: "Waiting for the database: Pulp's status page answers 500, as it does without one",
    };
  const words = applied.pods
    .flatMap(deathOf)
    .find((text) => /OperationalError|connection to server/.test(text));
  if (words === undefined) return undefined;
  const cause = /(connection to server[^\n]*|[^\n]*OperationalError[^\n]*)/.exec(words)?.[0] ?? "";
  return {
    reason: "DatabaseUnreachable",
    message: `Waiting for the database: ${cause.trim().slice(0, 300)}`,
  };
}

/** What containers wrote before they ended, of those that have not come back. */
function deathOf(pod: LiveObject): readonly string[] {
  return list(record(pod["status"])["containerStatuses"])
    .map(record)
    .filter((status) => status["ready"] !== true)
    .flatMap((status) => [record(status["state"]), record(status["lastState"])])
    .flatMap((state) => text(record(state["terminated"])["message"]) ?? []);
}

function address({ addressWaitingFor }: PulpConfig): Waiting | undefined {
  if (addressWaitingFor === undefined) return undefined;
  return { reason: "AddressPending", message: `Waiting for ${addressWaitingFor}` };
}

/** Pods may be ready while Pulp does not count them yet, or while the page comes from an older pod. */
function pulpsOwnWord({ spec }: Pulp, { facts }: Observed<PulpFacts>): Waiting | undefined {
  if (spec.api.replicas === 0) return undefined;
  const waiting = (message: string): Waiting => ({
    reason: "WaitingForPulp",
    message: `Waiting for Pulp ${message}`,
  });
  if (facts === undefined) return waiting("to answer for the first time");
  if (facts.error !== undefined) return waiting(`to answer again: ${facts.error}`);
  const { apiProcesses, contentProcesses, workers } = facts.value;
  const rows = [
    { what: "api", desired: spec.api.replicas, seen: new Set(pods(apiProcesses)).size },
    { what: "content", desired: spec.content.replicas, seen: new Set(pods(contentProcesses)).size },
    { what: "worker", desired: spec.worker.replicas, seen: new Set(pods(workers)).size },
  ];
  const missing = rows.find(({ desired, seen }) => seen < desired);
  return (
    missing && waiting(`to count ${missing.desired} ${missing.what} pods as online: ${missing.seen} so far`)
  );
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
  const outage = databaseOutage(observed);
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
    return claim("False", "CacheUnreachable", "Pulp does not reach its cache and serves without it");
  return claim("True", "Reachable", "Database, cache and storage are there");
}

function rolloutComplete(waiting: Waiting | undefined): ConditionClaim {
  return {
    type: "RolloutComplete",
    status: waiting === undefined ? "True" : "False",
    reason: waiting?.reason ?? "AllUpdated",
    message: waiting?.message ?? "All pods are up to date and ready",
  };
}

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null;
const record = (value: unknown): Fields => (isFields(value) ? value : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;
