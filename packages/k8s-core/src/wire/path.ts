/**
 * The one place where a request path is built, and where names that would reach something else are refused.
 *
 * Verified against Kubernetes 1.35: DELETE with an empty name is a collection delete, and `URL` normalises `..` away,
 * so nothing here goes through `new URL`. Pure.
 */
import type { KindSpec } from "../kinds.ts";

/** A name that must never be put into a path. */
export class RefusedName extends Error {
  override readonly name = "RefusedName";
}

const subdomain = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const label = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const looseKinds: readonly string[] = ["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"];

/** Path of all objects of a kind: in one namespace, or everywhere when `namespace` is absent. */
export function collectionPath(kind: KindSpec, namespace: string | undefined): string {
  const root = kind.apiVersion.includes("/") ? `/apis/${kind.apiVersion}` : `/api/${kind.apiVersion}`;
  if (!/^\/apis?(\/[a-z0-9.-]+){1,2}$/.test(root))
    throw new RefusedName(`"${kind.apiVersion}" is no API version`);
  if (!label.test(kind.plural)) throw new RefusedName(`"${kind.plural}" is no resource of the API`);
  if (namespace === undefined) return `${root}/${kind.plural}`;
  if (!kind.namespaced)
    throw new RefusedName(`${kind.kind} objects have no namespace, not even "${namespace}"`);
  if (!isNamespaceName(namespace)) throw new RefusedName(`"${namespace}" cannot be the name of a namespace`);
  return `${root}/namespaces/${namespace}/${kind.plural}`;
}

/** Path of one object, or of its subresource. */
export function objectPath(
  kind: KindSpec,
  namespace: string | undefined,
  name: string,
  subresource?: string,
): string {
  if (kind.namespaced && namespace === undefined)
    throw new RefusedName(`${kind.kind} "${name}" needs a namespace`);
  if (!isObjectName(kind.kind, name))
    throw new RefusedName(
      name.length > 253
        ? `the name of ${kind.kind} "${name.slice(0, 60)}…" has ${name.length} characters, 253 are allowed`
        : `"${name}" cannot be the name of a ${kind.kind}: lower-case letters, digits, "-" and "." only`,
    );
  if (subresource !== undefined && !label.test(subresource))
    throw new RefusedName(`"${subresource}" is no subresource`);
  const path = `${collectionPath(kind, kind.namespaced ? namespace : undefined)}/${name}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

export function isNamespaceName(name: string): boolean {
  return name.length <= 63 && label.test(name);
}

function isObjectName(kind: string, name: string): boolean {
  if (name.length > 253) return false;
  if (looseKinds.includes(kind)) return /^[A-Za-z0-9:._-]+$/.test(name) && name !== "." && name !== "..";
  return subdomain.test(name);
}

/** Label selector from a map: `a=1,b=2`, in stable order. */
export function labelSelector(labels: Readonly<Record<string, string>>): string {
  return Object.keys(labels)
    .sort()
    .map((key) => {
      const value = labels[key] ?? "";
      if (!/^[A-Za-z0-9./_-]+$/.test(key) || !/^[A-Za-z0-9._-]*$/.test(value))
        throw new RefusedName(`"${key}=${value}" is no label`);
      return `${key}=${value}`;
    })
    .join(",");
}
