/** Names that Kubernetes can hold at all, and what to say about the others. Pure. */
import type { Source } from "./schema.ts";

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const entryKey = /^[-._a-zA-Z0-9]{1,253}$/;

export const nameOf = (source: Source): string =>
  "secretName" in source ? source.secretName : source.configMapName;

/** `Secret "gerrit"`: how every message of this package names an object. */
export const titleOf = (source: Source): string =>
  "secretName" in source ? `Secret "${source.secretName}"` : `ConfigMap "${source.configMapName}"`;

/** Why the referenced object or key can never exist, as one sentence; `undefined` when it can. */
export function impossible(source: Source, key: string | undefined): string | undefined {
  const name = nameOf(source);
  if (name.length > 253 || !subdomain.test(name)) {
    const hint = suggestion(name);
    return (
      `${titleOf(source)} can never exist: Kubernetes allows only lower-case letters, digits, "-" and "." in the name ` +
      `of an object${hint === undefined ? "" : `; rename it, for example to "${hint}"`}`
    );
  }
  if (key !== undefined && (!entryKey.test(key) || key === "." || key.startsWith("..")))
    return `${titleOf(source)} can never have the key "${key}": Kubernetes allows only letters, digits, "-", "_" and "." in a key`;
  return undefined;
}

/** `gerritSecrets` to `gerrit-secrets`. */
function suggestion(name: string): string | undefined {
  const kebab = name
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "")
    .slice(0, 253);
  return subdomain.test(kebab) ? kebab : undefined;
}
