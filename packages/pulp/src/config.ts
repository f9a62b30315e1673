/**
 * Step 3: the files of every process, each with only what it needs. The only step that opens a sealed value. Pure.
 */
import { Blocked, type Notice, remembering } from "@zuul-pulp/k8s-core/model";
import { contentHash, open, type ResolvedRefs, Sealed } from "@zuul-pulp/secret-ref";
import {
  type CacheAccess,
  cacheAccess,
  type DatabaseAccess,
  databaseAccess,
  s3Backend,
  storageSettings,
} from "./access.ts";
import { nginxTlsFolder } from "./folders.ts";
import { migrationJobName, nameOf, type Process } from "./names.ts";
import { nginxConf } from "./nginx-conf.ts";
import type { Pulp } from "./parse.ts";
import type { Present } from "./present.ts";
import { routesOf } from "./routes.ts";
import {
  type KeyFileName,
  keyFilesOf,
  type SettingGroup,
  type Settings,
  settingsFolder,
  settingsOf,
  settingsPy,
} from "./settings-py.ts";
import { scripts } from "./scripts.ts";
import { isLoginOnly, plainValue } from "./user-settings.ts";
import { tokenKeyNames } from "./references.ts";

export interface ProcessFiles {
  /** Files of the settings folder, by name. */
  readonly files: ReadonlyMap<string, Sealed>;
  /** Changes with these files (and the scripts) and with nothing else. */
  readonly hash: string;
}

export interface PulpConfig {
  /** What the pods of this roll-out run: the image by digest once the migration told it, else by its tag. */
  readonly image: string;
  /** The URL that clients use; absent while the cluster has not assigned it. */
  readonly url?: string;
  readonly addressWaitingFor?: string;
  readonly processes: Readonly<Record<Exclude<Process, "password">, ProcessFiles>>;
  readonly nginx: { readonly conf: string; readonly hash: string };
  readonly migrationHash: string;
  readonly passwordHash: string;
  readonly adminSecret: { readonly name: string; readonly key: string };
  /** `host:port/name`. */
  readonly databaseIdentity: string;
  /** Hashes of the passwords that our own database and cache start with. */
  readonly backingHashes: { readonly database?: string; readonly cache?: string };
  readonly notices: readonly Notice[];
}

/**
 * @throws Blocked `InvalidSetting` for a value that Python could not read back, `InvalidSecret` for a malformed one,
 *   `DatabaseChangeRefused` when the database is another one than before
 */
export const renderPulp = remembering((pulp: Pulp, refs: ResolvedRefs, present: Present): PulpConfig => {
  const database = databaseAccess(pulp, refs);
  const cache = cacheAccess(pulp, refs);
  refuseOtherDatabase(pulp, database);
  refuseMalformedKey(refs);
  const url = "url" in present.address ? present.address.url : undefined;
  const groups = settingGroups(pulp, refs, { database, cache, url });
  const keyFiles = keyFilesOfPulp(refs, database, cache);
  const process = (of: Process): ProcessFiles => processFiles(of, groups, keyFiles);
  const conf = nginxOf(pulp);
  const migration = migrationHash(pulp, refs, database);
  return {
    image: imageOf(pulp, present, migrationJobName(pulp.name, migration)),
    ...(url === undefined ? {} : { url }),
    ...("waitingFor" in present.address ? { addressWaitingFor: present.address.waitingFor } : {}),
    processes: {
      migration: process("migration"),
      api: process("api"),
      content: process("content"),
      worker: process("worker"),
    },
    nginx: {
      conf,
      hash: contentHash([["nginx.conf", conf], ...(refs.has("expose.tls") ? refs.all("expose.tls") : [])]),
    },
    migrationHash: migration,
    passwordHash: passwordHash(refs),
    adminSecret: { name: refs.secretNameOf("adminPassword"), key: refs.keyOf("adminPassword") },
    databaseIdentity: database.identity,
    backingHashes: {
      ...(pulp.database.kind === "single"
        ? { database: contentHash([["password", refs.text("database.password")]]) }
        : {}),
      ...(pulp.cache.kind === "single"
        ? { cache: contentHash([["password", refs.text("cache.password")]]) }
        : {}),
    },
    notices: refs.notices,
  };
});

interface Accesses {
  readonly database: DatabaseAccess;
  readonly cache: CacheAccess | undefined;
  readonly url: string | undefined;
}

function settingGroups(
  pulp: Pulp,
  refs: ResolvedRefs,
  { database, cache, url }: Accesses,
): Record<SettingGroup, Settings> {
  const user = (wanted: (name: string, hasSecret: boolean) => boolean): Settings =>
    Object.fromEntries(
      pulp.settings
        .filter(({ name, refs: secrets }) => wanted(name, secrets.length > 0))
        .map(({ name, value }) => [name, plainValue(value, ({ id }) => open(refs.text(id)))]),
    );
  const storage = storageSettings(pulp, refs);
  return {
    shared: sharedSettings(pulp),
    apiLifetime: apiLifetime(pulp),
    database: database.settings,
    storage: storage.plain,
    storageCredentials: storage.withCredentials,
    cache: cache?.settings ?? {},
    secretKey: { SECRET_KEY: open(refs.text("secretKey")) },
    // Not to be guessed, as a plugin might sign something after all; of no use at the api.
    standInKey: { SECRET_KEY: `stand-in-${contentHash([["key", refs.file("fieldEncryptionKey")]])}` },
    exposure: url === undefined ? {} : exposureSettings(url),
    userPlain: user((_, hasSecret) => !hasSecret),
    userSecret: user((name, hasSecret) => hasSecret && !isLoginOnly(name)),
    userLogin: user((name, hasSecret) => hasSecret && isLoginOnly(name)),
  };
}

/**
 * How long an api process may be silent before Pulp calls it missing: twice gunicorn's limit. The process writes it into
 * its own row, where content and workers read it; migrations that ask for a version of all processes read the setting.
 * @see pulpcore 3.95 to 3.123, app/models/status.py and migrations.py
 */
function apiLifetime({ spec: { api } }: Pulp): Settings {
  return { API_APP_TTL: Math.max(120, 2 * api.gunicorn.timeoutSeconds) };
}

function sharedSettings({ name, namespace }: Pulp): Settings {
  return {
    ANALYTICS: false,
    CACHE_ENABLED: false,
    DB_ENCRYPTION_KEY: `${settingsFolder}/database_fields.symmetric.key`,
    STATIC_ROOT: "/var/lib/operator/static/",
    TOKEN_SIGNATURE_ALGORITHM: "ES256",
    PRIVATE_KEY_PATH: `${settingsFolder}/container_auth_private_key.pem`,
    PUBLIC_KEY_PATH: `${settingsFolder}/container_auth_public_key.pem`,
    // pulp-container starts only with some address here; it is replaced as soon as the real one is known.
    TOKEN_SERVER: `http://${nameOf(name, "web")}.${namespace}.svc/token/`,
  };
}

function exposureSettings(url: string): Settings {
  return {
    CONTENT_ORIGIN: url,
    TOKEN_SERVER: `${url}/token/`,
    PYPI_API_HOSTNAME: url,
    ANSIBLE_API_HOSTNAME: url,
    CSRF_TRUSTED_ORIGINS: [url],
  };
}

function keyFilesOfPulp(refs: ResolvedRefs, database: DatabaseAccess, cache: CacheAccess | undefined) {
  const tokens = refs.generated("tokenSigningKey");
  const files = new Map<KeyFileName, Sealed | undefined>([
    ["database_fields.symmetric.key", refs.file("fieldEncryptionKey")],
    ["container_auth_private_key.pem", tokens.get(tokenKeyNames.privateKey)],
    ["container_auth_public_key.pem", tokens.get(tokenKeyNames.publicKey)],
    ["database-ca.crt", database.ca],
    ["cache-ca.crt", cache?.ca],
  ]);
  return files;
}

function processFiles(
  process: Process,
  groups: Record<SettingGroup, Settings>,
  keyFiles: ReadonlyMap<KeyFileName, Sealed | undefined>,
): ProcessFiles {
  const files = new Map<string, Sealed>([
    ["settings.py", Sealed.of(settingsPy(settingsOf(process, groups)))],
  ]);
  for (const name of keyFilesOf[process]) {
    const file = keyFiles.get(name);
    if (file !== undefined) files.set(name, file);
  }
  return { files, hash: contentHash([...files, ...Object.entries(scripts)]) };
}

function nginxOf({ name, roots, spec: { web, expose } }: Pulp): string {
  return nginxConf({
    routes: routesOf(roots),
    upstreams: { api: `${nameOf(name, "api")}:24817`, content: `${nameOf(name, "content")}:24816` },
    maxBodySize: web.maxBodySize,
    readTimeoutSeconds: web.timeoutSeconds,
    home: `${roots.api}api/v3/status/`,
    ipv6: false,
    ...(expose.tls === undefined
      ? {}
      : { tls: { certificate: `${nginxTlsFolder}/tls.crt`, key: `${nginxTlsFolder}/tls.key` } }),
  });
}

/** A tag may move; all pods of a roll-out run what the schema was made for. */
function imageOf({ image, spec, recorded }: Pulp, { migratedWith }: Present, job: string): string {
  const digest = migratedWith.get(job);
  if (digest !== undefined) return `${spec.image}@${digest}`;
  return recorded.image === image && recorded.pinnedImage !== undefined ? recorded.pinnedImage : image;
}

/** Settings that `migrate` copies into the database. */
const migrated = [
  "DOMAIN_ENABLED",
  "REDIRECT_TO_OBJECT_STORAGE",
  "HIDE_GUARDED_DISTRIBUTIONS",
  "ENABLED_PLUGINS",
];

/** Of everything that decides what the migration does; the key too, since the Job checks that it fits the database. */
function migrationHash(
  { image, storage, settings, retry }: Pulp,
  refs: ResolvedRefs,
  database: DatabaseAccess,
): string {
  const relevant = settings
    .filter(({ name }) => migrated.includes(name))
    .map(
      ({ name, value }) => [`setting ${name}`, JSON.stringify(plainValue(value, ({ id }) => id))] as const,
    );
  return contentHash([
    ["image", image],
    ["storage", storage.kind === "s3" ? s3Backend : storage.kind],
    ["database", database.identity],
    ["key", refs.file("fieldEncryptionKey")],
    ["retry", retry],
    ...relevant,
  ]).slice(0, 10);
}

/** Salted with a key of 256 random bits, so that the name of the Job does not help to guess a short password. */
function passwordHash(refs: ResolvedRefs): string {
  const password = refs.text("adminPassword");
  if (/[\r\n]/.test(open(password)))
    throw new Blocked(
      "InvalidSecret",
      `Secret "${refs.secretNameOf("adminPassword")}" has a password of several lines (spec.adminPassword), but Pulp reads one line`,
    );
  return contentHash([
    ["salt", refs.file("fieldEncryptionKey")],
    ["password", password],
  ]).slice(0, 10);
}

function refuseOtherDatabase({ recorded }: Pulp, { identity }: DatabaseAccess): void {
  if (recorded.database !== undefined && recorded.database !== identity)
    throw new Blocked(
      "DatabaseChangeRefused",
      `Cannot move from database ${recorded.database} to ${identity}: the operator does not copy it; set the old one, or create a new Pulp`,
    );
}

/** Pulp dies at start with a stack trace otherwise. Stars stand for a key that is not known when rendering offline. */
function refuseMalformedKey(refs: ResolvedRefs): void {
  const lines = open(refs.file("fieldEncryptionKey"))
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const isKey = (line: string): boolean => /^\*+$/.test(line) || /^[A-Za-z0-9+/_-]{43}=$/.test(line);
  if (lines.length > 0 && lines.every(isKey)) return;
  throw new Blocked(
    "InvalidSecret",
    `Secret "${refs.secretNameOf("fieldEncryptionKey")}" holds no Fernet keys (spec.fieldEncryptionKey): 32 bytes in base64 on each line, and nothing else`,
  );
}
