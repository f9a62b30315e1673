/** The user's own settings: what they may be called, and where they point to Secrets. Pure. */
import { type SecretRef, secretRef } from "@zuul-pulp/secret-ref";
import type { PythonValue } from "./python-literal.ts";
import { defaultRoots, type Roots, routesOf } from "./routes.ts";

/** A value whose leaves may be references, each with the id under which it is resolved. */
export type SettingValue =
  | null
  | boolean
  | number
  | string
  | SettingRef
  | readonly SettingValue[]
  | ReadonlyMap<string, SettingValue>;

export interface SettingRef {
  readonly id: string;
  readonly ref: SecretRef;
}

export interface UserSetting {
  readonly name: string;
  readonly value: SettingValue;
  readonly refs: readonly SettingRef[];
}

/** Settings that follow from fields of the spec, with the field to use instead. */
const owned: readonly (readonly [RegExp, string])[] = [
  [/^DATABASES$/, "spec.database"],
  [/^(STORAGES|MEDIA_ROOT|DEFAULT_FILE_STORAGE|AWS_.*|AZURE_.*|GS_.*)$/, "spec.storage"],
  [/^(CACHE_ENABLED|REDIS_.*)$/, "spec.cache"],
  [/^SECRET_KEY$/, "spec.secretKey"],
  [/^DB_ENCRYPTION_KEY$/, "spec.fieldEncryptionKey"],
  [/^(PUBLIC_KEY_PATH|PRIVATE_KEY_PATH|TOKEN_SIGNATURE_ALGORITHM)$/, "spec.tokenSigningKey"],
  [
    /^(STATIC_ROOT|DEPLOY_ROOT|WORKING_DIRECTORY|FILE_UPLOAD_TEMP_DIR|CHUNKED_UPLOAD_DIR|WORKER_NAME_TEMPLATE)$/,
    "nothing: the operator lays out the pods",
  ],
  [
    /^(DYNACONF.*|DJANGO_SETTINGS_MODULE|INCLUDES_FOR_DYNACONF|.*_FOR_DYNACONF|MERGE_ENABLED.*|LOADERS.*|ENVVAR_PREFIX.*)$/,
    "nothing: they would change how the file is read",
  ],
];

/** Settings that only the api's login reads: a secret in them goes to no other pod. */
const loginOnly = /^(AUTH_LDAP_|SOCIAL_AUTH_|SAML2_|REMOTE_USER_|AUTHENTICATION_JSON_)/;

export function isLoginOnly(name: string): boolean {
  return loginOnly.test(name);
}

/** @returns the settings in order of name, and one sentence for each that is refused */
export function readUserSettings(settings: Readonly<Record<string, unknown>>): {
  readonly settings: readonly UserSetting[];
  readonly problems: readonly string[];
} {
  const names = Object.keys(settings).sort();
  const problems = names.flatMap((name) => {
    // Dynaconf ignores lower-case names; a double underscore addresses a nested value.
    if (!/^[A-Z][A-Z0-9_]*(__[A-Za-z0-9_]+)*$/.test(name))
      return [`settings.${name}: is no name of a setting`];
    const owner = owned.find(([pattern]) => pattern.test(name.split("__")[0] ?? name));
    return owner === undefined ? [] : [`settings.${name}: is written by the operator; set ${owner[1]}`];
  });
  return { settings: names.map((name) => readSetting(name, settings[name])), problems };
}

function readSetting(name: string, raw: unknown): UserSetting {
  const refs: SettingRef[] = [];
  const value = read(raw, `settings.${name}`, refs);
  return { name, value, refs };
}

function read(raw: unknown, id: string, found: SettingRef[]): SettingValue {
  if (raw === null || typeof raw === "boolean" || typeof raw === "number" || typeof raw === "string")
    return raw;
  if (Array.isArray(raw)) return raw.map((entry, index) => read(entry, `${id}[${index}]`, found));
  const ref = secretRef().safeParse(raw);
  if (ref.success) {
    const setting = { id, ref: ref.data };
    found.push(setting);
    return setting;
  }
  return new Map(
    Object.entries(Object(raw)).map(([key, entry]) => [key, read(entry, `${id}.${key}`, found)] as const),
  );
}

/** The value as JSON, with each reference replaced by what `open` gives. */
export function plainValue(value: SettingValue, open: (ref: SettingRef) => string): PythonValue {
  if (value === null || typeof value !== "object") return value;
  if (isList(value)) return value.map((entry) => plainValue(entry, open));
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, entry]) => [key, plainValue(entry, open)]));
  return isRef(value) ? open(value) : null;
}

function isList(value: object): value is readonly SettingValue[] {
  return Array.isArray(value);
}

function isRef(value: object): value is SettingRef {
  return "ref" in value;
}

/** Paths that settings may move, with a sentence for each that is malformed. */
export function rootsOf(settings: readonly UserSetting[]): {
  readonly roots: Roots;
  readonly problems: readonly string[];
} {
  const problems: string[] = [];
  const path = (name: string, otherwise: string): string => {
    const value = settings.find((setting) => setting.name === name)?.value;
    if (value === undefined) return otherwise;
    // These go into nginx.conf and probes, so nothing but plain path characters.
    if (typeof value === "string" && /^\/([A-Za-z0-9._~-]+\/)*$/.test(value)) return value;
    problems.push(`settings.${name}: must be a path that begins and ends with "/", as plain text`);
    return otherwise;
  };
  const domains = settings.find(({ name }) => name === "DOMAIN_ENABLED")?.value ?? false;
  if (typeof domains !== "boolean") problems.push("settings.DOMAIN_ENABLED: must be true or false");
  const roots = {
    api: path("API_ROOT", defaultRoots.api),
    content: path("CONTENT_PATH_PREFIX", defaultRoots.content),
    static: path("STATIC_URL", defaultRoots.static),
    pypi: path("PYPI_PATH_PREFIX", defaultRoots.pypi),
    domains: domains === true,
  };
  // Of two routes with one prefix only one is written, and content without a path would be served to nobody.
  if (routesOf(roots).find(({ prefix }) => prefix === roots.content)?.backend !== "content")
    problems.push(`settings.CONTENT_PATH_PREFIX: ${roots.content} leads to the api: choose another path`);
  return { roots, problems };
}
