/** What of an object is worth memory. Pure. */
import { isFields } from "../json.ts";
import type { LiveObject } from "../model/manifest.ts";
import { ownHash } from "./own-fields.ts";

export interface Trimmed {
  readonly object: LiveObject;
  /** Hash over our own fields, taken before managedFields were dropped. */
  readonly ownHash?: string;
}

const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/**
 * Drops managedFields (kept as a hash of our part), the copy that client-side apply leaves, values of Secrets and
 * ConfigMaps, and everything but the metadata of objects that are not `ours`.
 */
export function trim(raw: LiveObject, fieldManager: string, ours: boolean): Trimmed {
  const own = ownHash(raw, fieldManager);
  const { managedFields: _dropped, annotations, ...metadata } = raw.metadata;
  const kept = annotations === undefined ? {} : { annotations: withoutLastApplied(annotations) };
  const slim = { ...metadata, ...kept };
  const object: LiveObject =
    ours && raw.kind !== "Secret" && raw.kind !== "ConfigMap"
      ? { ...raw, metadata: slim }
      : { apiVersion: raw.apiVersion, kind: raw.kind, metadata: slim, ...typeOf(raw) };
  if (object.kind === "Pod") {
    // Nobody reads the spec of a pod, and there are many.
    const { spec: _spec, ...rest } = object;
    return { object: rest };
  }
  return own === undefined ? { object } : { object, ownHash: own };
}

function withoutLastApplied(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (!(lastApplied in annotations)) return annotations;
  const { [lastApplied]: _dropped, ...rest } = annotations;
  return rest;
}

/** The type of a Secret, and its keys: enough to say what is there, without a value. */
function typeOf(raw: LiveObject): { type?: unknown; data?: Readonly<Record<string, "">> } {
  const values = raw["data"];
  return {
    ...(raw["type"] === undefined ? {} : { type: raw["type"] }),
    ...(isFields(values)
      ? { data: Object.fromEntries(Object.keys(values).map((key) => [key, ""] as const)) }
      : {}),
  };
}
