/**
 * Why a Pulp does not come up or stopped, from its claims, Jobs and pods: one stable reason each, with the field to
 * look at and what helps. Pure.
 */
import { configHashAnnotation } from "@zuul-pulp/constructs";
import type { LiveObject, Observed, StatusClaim } from "@zuul-pulp/k8s-core/model";
import type { PulpConfig } from "./config.ts";
import { migrationName, passwordJobName } from "./jobs.ts";
import { type Fields, fields, list, text } from "./json.ts";
import { type Daemon, daemons, nameOf } from "./names.ts";
import { type Pulp, retryAnnotation } from "./parse.ts";
import type { PulpFacts } from "./probe.ts";
import { exitCodes } from "./scripts.ts";

type Waiting = NonNullable<StatusClaim["waiting"]>;

/** A claim without class stays pending for ever when the cluster has no default, and nobody says so. */
export function withoutStorageClass({ name }: Pulp, { objects }: Observed<PulpFacts>): Waiting | undefined {
  for (const { ref, live, readiness } of objects.values()) {
    if (ref.kind !== "PersistentVolumeClaim" || live === undefined || readiness.ready) continue;
    if (text(fields(live["spec"])["storageClassName"]) !== undefined) continue;
    const field =
      ref.name === nameOf(name, "storage") ? "spec.storage.filesystem" : "spec.database.single.storage";
    return {
      reason: "NoStorageClass",
      message: `Volume claim ${ref.name} has no storage class and the cluster no default one: set ${field}.storageClassName`,
      stalled: true,
    };
  }
  return undefined;
}

export function isMigrated(pulp: Pulp, config: PulpConfig, observed: Observed<PulpFacts>): boolean {
  return migrationJob(pulp, config, observed)?.readiness.ready === true;
}

/** The words of the pod say more than those of the Job; the old version serves on. */
export function migrationTrouble(
  pulp: Pulp,
  config: PulpConfig,
  observed: Observed<PulpFacts>,
): Waiting | undefined {
  const job = migrationJob(pulp, config, observed);
  if (job === undefined || job.readiness.ready) return undefined;
  const end = lastEnd(observed.applied.pods, migrationName(pulp, config));
  const known = end === undefined ? undefined : explained(pulp, end);
  if (known !== undefined) return known;
  const words = end === undefined ? "" : `: ${end.words}`;
  if (job.readiness.failed === true)
    return {
      reason: "MigrationFailed",
      message: `The migration to ${pulp.spec.version} failed${words}; what ran before serves on; to try again, change annotation ${retryAnnotation}`,
      stalled: true,
    };
  return end === undefined
    ? undefined
    : {
        reason: "MigrationRetrying",
        message: `The migration to ${pulp.spec.version} is tried again${words}`,
      };
}

function migrationJob(pulp: Pulp, config: PulpConfig, { objects }: Observed<PulpFacts>) {
  const name = migrationName(pulp, config);
  return [...objects.values()].find(({ ref }) => ref.kind === "Job" && ref.name === name);
}

/** How a container ended: what it wrote last, and its exit code. */
interface End {
  readonly exitCode: number;
  readonly words: string;
  /** The runtime could not start the program at all. */
  readonly isUnstartable: boolean;
}

/** Of the latest pod of a Job that failed. Kubernetes keeps the words in the pod's status. */
function lastEnd(all: readonly LiveObject[], job: string): End | undefined {
  return all
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .filter(({ metadata }) => metadata.name.startsWith(`${job}-`))
    .flatMap((pod) => endsOf(fields(pod["status"])["containerStatuses"]))
    .toSorted((a, b) => (a.finishedAt < b.finishedAt ? 1 : -1))[0];
}

function endsOf(statuses: unknown): readonly (End & { readonly finishedAt: string })[] {
  return list(statuses)
    .map(fields)
    .flatMap((status) => [fields(status["state"]), fields(status["lastState"])])
    .map((state) => fields(state["terminated"]))
    .filter(({ exitCode }) => typeof exitCode === "number" && exitCode !== 0)
    .map((terminated) => ({
      exitCode: Number(terminated["exitCode"]),
      words: (text(terminated["message"]) ?? "").trim().split("\n").slice(-3).join(" | ").slice(-500),
      isUnstartable: /^(StartError|ContainerCannotRun)$/.test(text(terminated["reason"]) ?? ""),
      finishedAt: text(terminated["finishedAt"]) ?? "",
    }));
}

/** What our own scripts told by their exit code. */
function explained(pulp: Pulp, { exitCode, words, isUnstartable }: End): Waiting | undefined {
  const { image, database } = pulp;
  if (isUnstartable || exitCode === exitCodes.imageUnsuitable)
    return {
      reason: "ImageUnsuitable",
      message: `Image ${image} cannot run Pulp (spec.image): ${words}; it needs python3, pulpcore-manager, pulpcore-api, pulpcore-content and pulpcore-worker on its PATH`,
      stalled: true,
    };
  switch (exitCode) {
    case exitCodes.databaseUnreachable:
      return {
        reason: "DatabaseUnreachable",
        message: `Waiting for the database: ${words}${remedy(database)}`,
      };
    case exitCodes.databaseTooOld:
      return {
        reason: "DatabaseTooOld",
        message: `${words} (spec.database): upgrade the server`,
        stalled: true,
      };
    case exitCodes.settingsRefused:
      return {
        reason: "SettingsRefused",
        message: `Pulp refuses its settings (spec.settings): ${words}${servesOn(pulp)}`,
        stalled: true,
      };
    case exitCodes.wrongKey:
      return {
        reason: "WrongEncryptionKey",
        message: `The field encryption key does not fit the database (spec.fieldEncryptionKey): ${words}`,
        stalled: true,
      };
    case exitCodes.pluginMissing:
      return {
        reason: "PluginMissing",
        message: `Image ${image} lacks a plugin that is in use (spec.image, spec.settings.ENABLED_PLUGINS): ${words}${servesOn(pulp)}; take an image that has it, or delete all of it and change annotation ${retryAnnotation}`,
        stalled: true,
      };
    case exitCodes.pluginTooOld:
      return {
        reason: "PluginTooOld",
        message: `Image ${image} has an older plugin than the one before (spec.image): ${words}${servesOn(pulp)}; take an image with at least that plugin, as migrations are one-way`,
        stalled: true,
      };
    default:
      return undefined;
  }
}

/** On a volume for one node, a pod goes before its successor comes. */
function oldPodsServe({ storage, recorded }: Pulp): boolean {
  if (recorded.version === undefined) return false;
  return storage.kind !== "filesystem" || storage.volume.accessMode !== "ReadWriteOnce";
}

const servesOn = (pulp: Pulp): string => (oldPodsServe(pulp) ? "; what ran before serves on" : "");

function remedy(database: Pulp["database"]): string {
  return database.kind === "external"
    ? `; correct Secret "${database.secretName}" (spec.database.secretName), or bring the database back`
    : "";
}

/** The field that names the image of a component's pods. */
const imageFields: Readonly<Record<string, string>> = {
  web: "spec.web.image",
  database: "spec.database.single.image",
  cache: "spec.cache.single.image",
};

/** Pods that no waiting will bring up: an image that is not there, settings that Pulp refuses. */
export function podTrouble(
  pulp: Pulp,
  config: PulpConfig,
  { applied }: Observed<PulpFacts>,
): Waiting | undefined {
  for (const pod of applied.pods) {
    if (pod.metadata.deletionTimestamp !== undefined || isFormer(pulp, config, pod)) continue;
    const component = pod.metadata.labels?.["app.kubernetes.io/component"] ?? "";
    const status = fields(pod["status"]);
    for (const container of [
      ...list(status["initContainerStatuses"]),
      ...list(status["containerStatuses"]),
    ].map(fields)) {
      if (container["ready"] === true) continue;
      const found =
        unavailableImage(component, container) ??
        (isDaemon(component) ? refusedSettings(pulp, container) : undefined);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

const isDaemon = (component: string): component is Daemon => daemons.some((daemon) => daemon === component);

/** Of a roll-out or a Job before this one: its trouble may be what was just corrected. */
export function isFormer(pulp: Pulp, config: PulpConfig, { metadata }: LiveObject): boolean {
  const { labels = {}, annotations = {} } = metadata;
  const component = labels["app.kubernetes.io/component"] ?? "";
  if (isDaemon(component)) return annotations[configHashAnnotation] !== config.processes[component].hash;
  const job = labels["batch.kubernetes.io/job-name"];
  return job !== undefined && job !== migrationName(pulp, config) && job !== passwordJobName(pulp, config);
}

function unavailableImage(component: string, container: Fields): Waiting | undefined {
  const waiting = fields(fields(container["state"])["waiting"]);
  if (
    !/^(ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull)$/.test(
      text(waiting["reason"]) ?? "",
    )
  )
    return undefined;
  const field = imageFields[component] ?? "spec.image, spec.version";
  const words = (text(waiting["message"]) ?? "").trim().slice(-300);
  return {
    reason: "ImageUnavailable",
    message: `Image ${text(container["image"]) ?? ""} cannot be pulled (${field}): ${words}: correct it, or name its Secret in spec.imagePullSecrets`,
  };
}

/** Most refusals come before the pod's program starts; some only the program itself finds. */
function refusedSettings(pulp: Pulp, container: Fields): Waiting | undefined {
  const [end] = endsOf([container]);
  if (end === undefined) return undefined;
  const isRefusal =
    end.exitCode === exitCodes.settingsRefused || /ImproperlyConfigured|ValidationError/.test(end.words);
  return isRefusal ? explained(pulp, { ...end, exitCode: exitCodes.settingsRefused }) : undefined;
}

/**
 * Every process ends itself when the database is gone, so crash loops are its echo and not the news. First the status
 * page answers 500; once nothing runs any more, the last words of the containers tell.
 */
export function databaseOutage(
  { database }: Pulp,
  { facts, applied }: Observed<PulpFacts>,
): Waiting | undefined {
  if (facts?.error === undefined || applied.closedGate !== undefined) return undefined;
  if (/answered 500/.test(facts.error))
    return {
      reason: "DatabaseUnreachable",
      message: `Waiting for the database: Pulp's status page answers 500, as it does without one${remedy(database)}`,
    };
  const words = applied.pods
    .flatMap(deathOf)
    .find((text) => /OperationalError|connection to server/.test(text));
  if (words === undefined) return undefined;
  const cause = /(connection to server[^\n]*|[^\n]*OperationalError[^\n]*)/.exec(words)?.[0] ?? "";
  return {
    reason: "DatabaseUnreachable",
    message: `Waiting for the database: ${cause.trim().slice(0, 300)}${remedy(database)}`,
  };
}

/** What containers wrote before they ended, of those that have not come back. */
function deathOf(pod: LiveObject): readonly string[] {
  return list(fields(pod["status"])["containerStatuses"])
    .map(fields)
    .filter((status) => status["ready"] !== true)
    .flatMap((status) => [fields(status["state"]), fields(status["lastState"])])
    .flatMap((state) => text(fields(state["terminated"])["message"]) ?? []);
}
