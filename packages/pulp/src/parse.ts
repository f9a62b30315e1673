/**
 * Step 1: the raw resource, checked, with defaults and with choices as unions. Everything wrong is named at once. Pure.
 * Leaves the content of Secrets to the next steps.
 */
import {
  cacheFolders,
  exposeProblems,
  isWebUrl,
  podProblems,
  type PodOverrides,
  postgresFolders,
  type Storage,
} from "@zuul-pulp/constructs";
import { Blocked, remembering } from "@zuul-pulp/k8s-core/model";
import type { SecretRef } from "@zuul-pulp/secret-ref";
import { connectionsNeeded } from "./connections.ts";
import { pulpDefinition } from "./definition.ts";
import { processFolders, webFolders } from "./folders.ts";
import { fields, text } from "./json.ts";
import type { Roots } from "./routes.ts";
import type { PulpSpec } from "./spec.ts";
import { unsupported } from "./unsupported.ts";
import { readUserSettings, rootsOf, type UserSetting } from "./user-settings.ts";
import { isOlder } from "./versions.ts";

export type Database =
  | { readonly kind: "external"; readonly secretName: string }
  | {
      readonly kind: "single";
      readonly image: string;
      readonly storage: Storage;
      readonly maxConnections: number;
      readonly pod: PodOverrides | undefined;
    };

export type Cache =
  | { readonly kind: "off" }
  | { readonly kind: "external"; readonly secretName: string }
  | {
      readonly kind: "single";
      readonly image: string;
      readonly maxMemoryMiB: number;
      readonly pod: PodOverrides | undefined;
    };

export type ArtifactStorage =
  | { readonly kind: "filesystem"; readonly volume: Storage; readonly existingClaim?: string }
  | {
      readonly kind: "s3";
      readonly bucket: string;
      readonly region?: string | undefined;
      readonly endpoint?: string | undefined;
      readonly addressing: "auto" | "path" | "virtual";
      readonly prefix?: string | undefined;
      readonly credentials?: SecretRef | undefined;
    };

/** What the status says that must not be contradicted. */
export interface Recorded {
  readonly url?: string;
  /** The image that was asked for, and the digest that it stood for. */
  readonly image?: string;
  readonly pinnedImage?: string;
  readonly database?: string;
  readonly storage?: string;
  readonly version?: string;
}

/** One Pulp as it is meant. Frozen; nothing after this step looks at the raw resource. */
export interface Pulp {
  readonly name: string;
  readonly namespace: string;
  readonly spec: PulpSpec;
  readonly image: string;
  readonly database: Database;
  readonly cache: Cache;
  readonly storage: ArtifactStorage;
  readonly settings: readonly UserSetting[];
  readonly roots: Roots;
  /** Whether nginx stands in front; an Ingress routes by path itself. */
  readonly hasWeb: boolean;
  readonly recorded: Recorded;
  /** A person's wish to run the migration once more: annotation `pulpproject.org/retry-migration`, any text. */
  readonly retry: string;
}

/** Any text; a new one runs the migration again. */
export const retryAnnotation = "pulpproject.org/retry-migration";

/**
 * @throws Blocked `InvalidSpec` with every bad field; `NotSupportedYet` with what to set instead;
 *   `DowngradeRefused`, `StorageChangeRefused` for what cannot be undone
 */
export function parsePulp(raw: unknown): Pulp {
  const { metadata, spec } = pulpDefinition.parse(raw);
  const { name, namespace, annotations } = metadata;
  return pulpOf(name, namespace, spec, recordedOf(raw), annotations[retryAnnotation] ?? "");
}

type Parts = [name: string, namespace: string, spec: PulpSpec, recorded: Recorded, retry: string];

const pulpOf = remembering((...[name, namespace, spec, recorded, retry]: Parts): Pulp => {
  const user = readUserSettings(spec.settings);
  const { roots, problems } = rootsOf(user.settings);
  const all = [
    ...user.problems,
    ...problems,
    ...leakingVariables(spec),
    ...crossChecks(spec),
    ...serverRules(spec),
  ];
  if (all.length > 0) throw new Blocked("InvalidSpec", all.map((problem) => `spec.${problem}`).join("; "));
  const later = unsupported(spec);
  if (later.length > 0) throw new Blocked("NotSupportedYet", later.join("; "));
  const storage = storageOf(spec);
  refuseWhatCannotBeUndone(spec, storage, recorded);
  return Object.freeze({
    name,
    namespace,
    spec,
    image: `${spec.image}:${spec.version}`,
    database: databaseOf(spec),
    cache: cacheOf(spec),
    storage,
    settings: user.settings,
    roots,
    hasWeb: spec.expose.type !== "Ingress",
    recorded,
    retry,
  });
});

/** Every variable PULP_… becomes a setting and wins over the file: those of the operator must not be hidden so. */
const reservedVariable =
  /^(PULP_(SETTINGS|DATABASES|STORAGES|DB_ENCRYPTION_KEY|SECRET_KEY|CONTENT_ORIGIN|REDIS|CACHE)|DJANGO_SETTINGS_MODULE|HOME$)/;

function leakingVariables(spec: PulpSpec): readonly string[] {
  return (["api", "content", "worker"] as const).flatMap((component) =>
    (spec[component].pod?.env ?? [])
      .filter(({ name }) => reservedVariable.test(name))
      .map(
        ({ name }) =>
          `${component}.pod.env: ${name} would override what the operator writes: use the field of the spec`,
      ),
  );
}

function serverRules({
  api,
  content,
  worker,
  web,
  database,
  cache,
  expose,
  storage,
}: PulpSpec): readonly string[] {
  const folders = processFolders(storage.s3 === undefined ? "filesystem" : "s3");
  return [
    ...podProblems(api.pod, "api.pod", folders),
    ...podProblems(content.pod, "content.pod", folders),
    ...podProblems(worker.pod, "worker.pod", folders),
    ...podProblems(web.pod, "web.pod", webFolders),
    ...podProblems(database.single?.pod, "database.single.pod", postgresFolders),
    ...podProblems(cache.single?.pod, "cache.single.pod", cacheFolders),
    ...exposeProblems(expose, "expose"),
  ];
}

function crossChecks(spec: PulpSpec): readonly string[] {
  const { image, storage, database, expose, web, api, content, tokenSigningKey } = spec;
  const needed = connectionsNeeded({
    api: { replicas: api.replicas, workers: api.gunicorn.workers },
    content: { replicas: content.replicas, workers: content.gunicorn.workers },
    worker: spec.worker,
  });
  const limit =
    database.secretName === undefined ? (database.single?.maxConnections ?? 200) : database.maxConnections;
  const field =
    database.secretName === undefined ? "database.single.maxConnections" : "database.maxConnections";
  return [
    ...(/(:[A-Za-z0-9_.-]+|@sha256:[0-9a-f]+)$/.test(image) && !/:\d+\/[^:]*$/.test(image)
      ? ["image: must have no tag or digest; the tag is spec.version"]
      : []),
    ...(storage.s3 !== undefined && storage.s3.endpoint === undefined && storage.s3.region === undefined
      ? ["storage.s3: needs region or endpoint"]
      : []),
    ...(storage.s3?.endpoint !== undefined && !isWebUrl(storage.s3.endpoint)
      ? ["storage.s3.endpoint: must be an http or https URL without user, query or fragment"]
      : []),
    ...(storage.s3?.credentials?.key === undefined
      ? []
      : ["storage.s3.credentials.key: is not allowed: the keys are accessKeyId and secretAccessKey"]),
    ...(tokenSigningKey?.key === undefined
      ? []
      : ["tokenSigningKey.key: is not allowed: the keys are private.pem and public.pem"]),
    ...(storage.filesystem?.existingClaim !== undefined && storage.filesystem.storageClassName !== undefined
      ? [
          "storage.filesystem.storageClassName: is not allowed with existingClaim, which has its class: remove it",
        ]
      : []),
    ...(database.secretName === undefined && database.maxConnections !== undefined
      ? [
          "database.maxConnections: is for an external server (database.secretName): set database.single.maxConnections",
        ]
      : []),
    ...(limit !== undefined && needed > limit
      ? [
          `${field}: Pulp needs up to ${needed} connections with these replicas, the server takes ${limit}: raise it or run fewer`,
        ]
      : []),
    ...(web.timeoutSeconds <= api.gunicorn.timeoutSeconds
      ? [
          `web.timeoutSeconds: must be longer than api.gunicorn.timeoutSeconds (${api.gunicorn.timeoutSeconds})`,
        ]
      : []),
    ...(web.replicas === 0 && (expose.type === "NodePort" || expose.type === "LoadBalancer")
      ? [`web.replicas: must be at least 1 when expose.type is ${expose.type}`]
      : []),
  ];
}

function refuseWhatCannotBeUndone(spec: PulpSpec, storage: ArtifactStorage, recorded: Recorded): void {
  if (recorded.version !== undefined && isOlder(spec.version, recorded.version))
    throw new Blocked(
      "DowngradeRefused",
      `Cannot go back from pulpcore ${recorded.version} to ${spec.version}: migrations are one-way; restore a backup of the older version instead`,
    );
  const identity = storageIdentity(storage);
  if (recorded.storage !== undefined && recorded.storage !== identity)
    throw new Blocked(
      "StorageChangeRefused",
      `Cannot move artifacts from ${recorded.storage} to ${identity}: the operator does not copy them; set the old storage`,
    );
}

/** What names the place of the artifacts, without anything that may change. */
export function storageIdentity(storage: ArtifactStorage): string {
  if (storage.kind === "filesystem") return "filesystem";
  return `s3:${storage.bucket}${storage.prefix === undefined ? "" : `/${storage.prefix}`}`;
}

function databaseOf({ database: { secretName, single } }: PulpSpec): Database {
  if (secretName !== undefined) return { kind: "external", secretName };
  const { image, storage, maxConnections, pod } = single ?? defaults().database;
  return { kind: "single", image, storage, maxConnections, pod };
}

function cacheOf({ cache: { enabled, secretName, single } }: PulpSpec): Cache {
  if (!enabled) return { kind: "off" };
  if (secretName !== undefined) return { kind: "external", secretName };
  const { image, maxMemoryMiB, pod } = single ?? defaults().cache;
  return { kind: "single", image, maxMemoryMiB, pod };
}

/** Defaults live in the schema only, so an absent `single` is what the schema makes of an empty one. */
function defaults() {
  const spec = pulpDefinition.parse({
    apiVersion: pulpDefinition.apiVersion,
    kind: "Pulp",
    metadata: { name: "defaults", namespace: "default" },
    spec: { storage: { filesystem: {} }, database: { single: {} }, cache: { single: {} } },
  }).spec;
  if (spec.database.single === undefined || spec.cache.single === undefined)
    throw new TypeError("the schema lost a section");
  return { database: spec.database.single, cache: spec.cache.single };
}

function storageOf({ storage: { filesystem, s3 } }: PulpSpec): ArtifactStorage {
  if (filesystem !== undefined) {
    const { size, storageClassName, accessMode, existingClaim } = filesystem;
    const volume = { size, accessMode, ...(storageClassName === undefined ? {} : { storageClassName }) };
    return { kind: "filesystem", volume, ...(existingClaim === undefined ? {} : { existingClaim }) };
  }
  if (s3 === undefined) throw new TypeError("the schema asks for exactly one storage");
  return { kind: "s3", ...s3 };
}

function recordedOf(raw: unknown): Recorded {
  const status = fields(fields(raw)["status"]);
  const entries = (["url", "image", "pinnedImage", "database", "storage", "version"] as const).flatMap(
    (name) => {
      const value = text(status[name]);
      return value === undefined ? [] : [[name, value] as const];
    },
  );
  return Object.fromEntries(entries);
}
