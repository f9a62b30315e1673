/** Database, cache and storage as settings, from the spec and the Secrets behind it. Pure; opens sealed values. */
import { Blocked } from "@zuul-pulp/k8s-core/model";
import { open, type ResolvedRefs, type Sealed } from "@zuul-pulp/secret-ref";
import { nameOf } from "./names.ts";
import type { Pulp } from "./parse.ts";
import type { PythonValue } from "./python-literal.ts";
import { databaseKeys, s3Keys } from "./references.ts";
import { type Settings, settingsFolder } from "./settings-py.ts";

export interface DatabaseAccess {
  /** `host:port/name`: names the database, holds no secret. */
  readonly identity: string;
  readonly settings: Settings;
  readonly ca?: Sealed;
}

export interface CacheAccess {
  readonly settings: Settings;
  readonly ca?: Sealed;
}

/** Name of the database and of its owner in our own PostgreSQL. */
export const singleDatabase = "pulp";

interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly user: string;
  readonly password: string;
  readonly sslmode: string;
  readonly ca?: Sealed | undefined;
}

export function databaseAccess(pulp: Pulp, refs: ResolvedRefs): DatabaseAccess {
  const { host, port, name, user, password, sslmode, ca } = endpointOf(pulp, refs);
  const options = {
    sslmode,
    ...(ca === undefined ? {} : { sslrootcert: `${settingsFolder}/database-ca.crt` }),
  };
  const connection = {
    ENGINE: "django.db.backends.postgresql",
    HOST: host,
    PORT: port,
    NAME: name,
    USER: user,
    PASSWORD: password,
    CONN_MAX_AGE: 0,
    OPTIONS: options,
  };
  return {
    identity: `${host}:${port}/${name}`,
    settings: { DATABASES: { default: connection } },
    ...(ca === undefined ? {} : { ca }),
  };
}

function endpointOf(pulp: Pulp, refs: ResolvedRefs): Endpoint {
  if (pulp.database.kind === "single")
    return {
      host: nameOf(pulp.name, "database"),
      port: 5432,
      name: singleDatabase,
      user: singleDatabase,
      password: ownPassword(refs, "database.password"),
      sslmode: "prefer",
    };
  const { secretName } = pulp.database;
  const values = refs.all("database");
  return {
    host: pick(values, databaseKeys.host, secretName),
    port: portOf(pick(values, databaseKeys.port, secretName), secretName),
    name: pick(values, databaseKeys.dbname, secretName),
    user: pick(values, databaseKeys.user, secretName),
    password: pick(values, databaseKeys.password, secretName),
    sslmode: sslModeOf(pick(values, databaseKeys.sslmode, secretName), secretName),
    ca: values.get("sslrootcert"),
  };
}

export function cacheAccess(pulp: Pulp, refs: ResolvedRefs): CacheAccess | undefined {
  switch (pulp.cache.kind) {
    case "off":
      return undefined;
    case "single":
      return {
        settings: {
          CACHE_ENABLED: true,
          REDIS_HOST: nameOf(pulp.name, "cache"),
          REDIS_PORT: 6379,
          REDIS_PASSWORD: ownPassword(refs, "cache.password"),
        },
      };
    case "external":
      return externalCache(pulp.cache.secretName, refs.all("cache"));
    default:
      return pulp.cache satisfies never;
  }
}

function externalCache(secretName: string, values: ReadonlyMap<string, Sealed>): CacheAccess {
  const password = values.get("password");
  const ca = values.get("ca.crt");
  const isTls = /^(true|yes|1)$/i.test(optional(values, "tls") ?? "false");
  const db = optional(values, "db") ?? "0";
  if (!/^\d{1,4}$/.test(db))
    throw new Blocked("InvalidSecret", `Secret "${secretName}" has a db that is no number (spec.cache)`);
  return {
    settings: {
      CACHE_ENABLED: true,
      REDIS_HOST: pick(values, ["host"], secretName),
      REDIS_PORT: portOf(pick(values, ["port"], secretName), secretName),
      REDIS_DB: Number(db),
      ...(password === undefined ? {} : { REDIS_PASSWORD: open(password) }),
      ...(isTls ? { REDIS_SSL: true } : {}),
      ...(isTls && ca !== undefined ? { REDIS_SSL_CA_CERTS: `${settingsFolder}/cache-ca.crt` } : {}),
    },
    ...(ca === undefined ? {} : { ca }),
  };
}

/**
 * The name that django-storages calls outdated, and the only one that pulp-container knows: with the other one its
 * registry answers 500 to everything (2.30, `registry_api.py`, RedirectsMixin).
 */
export const s3Backend = "storages.backends.s3boto3.S3Boto3Storage";

/** Of a server that the operator runs: its start script reads one line. The Secret may have been edited by hand. */
function ownPassword(refs: ResolvedRefs, id: "database.password" | "cache.password"): string {
  const password = open(refs.text(id));
  if (!password.includes("\n")) return password;
  throw new Blocked(
    "InvalidSecret",
    `Cannot use key "password" of Secret "${refs.secretNameOf(id)}": it has several lines, the server takes one`,
  );
}

/** Both keys of STORAGES always: a dict in the file replaces Pulp's own as a whole. */
export function storageSettings(
  { storage }: Pulp,
  refs: ResolvedRefs,
): { readonly plain: Settings; readonly withCredentials: Settings } {
  const settings = (backend: string, options: Readonly<Record<string, PythonValue>>): Settings => ({
    STORAGES: {
      default: { BACKEND: backend, OPTIONS: options },
      staticfiles: { BACKEND: "django.contrib.staticfiles.storage.StaticFilesStorage" },
    },
  });
  if (storage.kind === "filesystem") {
    const plain = settings("pulpcore.app.models.storage.FileSystem", {});
    return { plain, withCredentials: plain };
  }
  const { bucket, region, endpoint, addressing, prefix } = storage;
  const options: Record<string, PythonValue> = {
    bucket_name: bucket,
    signature_version: "s3v4",
    default_acl: null,
    ...(addressing === "auto" ? {} : { addressing_style: addressing }),
    ...(region === undefined ? {} : { region_name: region }),
    ...(endpoint === undefined ? {} : { endpoint_url: endpoint }),
    ...(prefix === undefined ? {} : { location: prefix }),
  };
  return {
    plain: { ...settings(s3Backend, options), MEDIA_ROOT: "" },
    withCredentials: {
      ...settings(s3Backend, { ...options, ...s3Credentials(storage.credentials?.secretName, refs) }),
      MEDIA_ROOT: "",
    },
  };
}

function s3Credentials(
  secretName: string | undefined,
  refs: ResolvedRefs,
): Readonly<Record<string, PythonValue>> {
  if (secretName === undefined) return {};
  const values = refs.all("storage.s3.credentials");
  return {
    access_key: pick(values, s3Keys.accessKeyId, secretName),
    secret_key: pick(values, s3Keys.secretAccessKey, secretName),
  };
}

function pick(values: ReadonlyMap<string, Sealed>, keys: readonly string[], secretName: string): string {
  for (const key of keys) {
    const value = values.get(key);
    if (value !== undefined) return open(value);
  }
  throw new Blocked("InvalidSecret", `Secret "${secretName}" has none of the keys ${keys.join(", ")}`);
}

function optional(values: ReadonlyMap<string, Sealed>, key: string): string | undefined {
  const value = values.get(key);
  return value === undefined ? undefined : open(value);
}

function portOf(text: string, secretName: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65535)
    throw new Blocked("InvalidSecret", `Secret "${secretName}" has a port that is no number from 1 to 65535`);
  return port;
}

const sslModes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

function sslModeOf(text: string, secretName: string): string {
  if (sslModes.includes(text)) return text;
  throw new Blocked(
    "InvalidSecret",
    `Secret "${secretName}" has an sslmode that is none of ${sslModes.join(", ")}`,
  );
}
