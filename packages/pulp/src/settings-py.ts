/** settings.py of one process: what it needs and nothing else, least privilege by table. Pure. */
import { type PythonValue, pythonLiteral } from "./python-literal.ts";
import type { Process } from "./names.ts";

/** One group of settings that a process gets as a whole, or not at all. */
export type SettingGroup =
  | "shared"
  | "apiLifetime"
  | "database"
  | "storage"
  | "storageCredentials"
  | "cache"
  | "secretKey"
  | "standInKey"
  | "exposure"
  | "userPlain"
  | "userSecret"
  | "userLogin";

export type Settings = Readonly<Record<string, PythonValue>>;

/**
 * Which process gets which group. The two Jobs touch only the database; Django's key signs sessions, which only the api
 * does; what content and worker never read, they never hold.
 * @see measured with pulpcore 3.105: content and worker do not start without some SECRET_KEY, and sign nothing with it;
 *   3.123 does without
 */
const groupsOf: Readonly<Record<Process, readonly SettingGroup[]>> = {
  migration: ["shared", "apiLifetime", "database", "storage", "standInKey", "userPlain"],
  password: ["shared", "apiLifetime", "database", "storage", "standInKey", "userPlain"],
  api: [
    "shared",
    "apiLifetime",
    "database",
    "storage",
    "storageCredentials",
    "cache",
    "secretKey",
    "exposure",
    "userPlain",
    "userSecret",
    "userLogin",
  ],
  content: [
    "shared",
    "database",
    "storage",
    "storageCredentials",
    "cache",
    "standInKey",
    "exposure",
    "userPlain",
    "userSecret",
  ],
  worker: [
    "shared",
    "database",
    "storage",
    "storageCredentials",
    "cache",
    "standInKey",
    "exposure",
    "userPlain",
    "userSecret",
  ],
};

/** Files beside settings.py, by process. */
export type KeyFileName =
  | "database_fields.symmetric.key"
  | "container_auth_private_key.pem"
  | "container_auth_public_key.pem"
  | "database-ca.crt"
  | "cache-ca.crt";

const jobFiles: readonly KeyFileName[] = ["database_fields.symmetric.key", "database-ca.crt"];
const daemonFiles: readonly KeyFileName[] = [...jobFiles, "cache-ca.crt"];

export const keyFilesOf: Readonly<Record<Process, readonly KeyFileName[]>> = {
  migration: jobFiles,
  password: jobFiles,
  api: [...daemonFiles, "container_auth_private_key.pem", "container_auth_public_key.pem"],
  content: daemonFiles,
  worker: daemonFiles,
};

/** Where a process finds its settings and key files: the whole Secret, as a folder, so that keys refresh together. */
export const settingsFolder = "/etc/pulp";

/** Later groups win, so that a user's value beats a derived one; what the operator owns was refused before. */
export function settingsOf(process: Process, groups: Readonly<Record<SettingGroup, Settings>>): Settings {
  return Object.assign({}, ...groupsOf[process].map((group) => groups[group]));
}

/** The file: one assignment a line, by name. It contains secrets as soon as its values do. */
export function settingsPy(settings: Settings): string {
  const lines = Object.keys(settings)
    .sort()
    .map((name) => `${name} = ${pythonLiteral(settings[name] ?? null, `spec.settings.${name}`)}`);
  return `${["# Written by the operator. Changes are overwritten.", ...lines].join("\n")}\n`;
}
