/** Secrets as manifests, and manifests that may be shown. Pure. */
import { type Manifest, retainAnnotation } from "@zuul-pulp/k8s-core/model";
import { openBytes, Sealed } from "./sealed.ts";

export interface SecretManifestProps {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly entries: ReadonlyMap<string, string | Uint8Array | Sealed>;
  /** Never pruned, and left behind unless `deletionPolicy: Delete`. Default false. */
  readonly retain?: boolean;
}

/**
 * An Opaque Secret with base64 `data`, keys sorted. The manifest holds the values: show it through
 * `redactManifest`.
 */
export function secretManifest({
  name,
  labels,
  annotations,
  entries,
  retain = false,
}: SecretManifestProps): Manifest {
  const all = { ...annotations, ...(retain ? { [retainAnnotation]: "true" } : {}) };
  const keys = [...entries.keys()].toSorted();
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, labels, ...(Object.keys(all).length === 0 ? {} : { annotations: all }) },
    type: "Opaque",
    data: Object.fromEntries(keys.map((key) => [key, base64(entries.get(key) ?? "")])),
  };
}

const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/**
 * A Secret with `***` for each value; any other manifest unchanged. The result is no valid base64 on purpose:
 * a server refuses it, so that redacted output cannot replace real values by accident.
 */
export function redactManifest(manifest: Manifest): Manifest {
  if (manifest.kind !== "Secret") return manifest;
  const { data, stringData, metadata, ...rest } = manifest;
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([name]) => name !== lastApplied);
  return {
    ...rest,
    apiVersion: manifest.apiVersion,
    kind: manifest.kind,
    metadata: {
      ...metadata,
      ...(metadata.annotations === undefined ? {} : { annotations: Object.fromEntries(annotations) }),
    },
    data: Object.fromEntries([...keys(data), ...keys(stringData)].toSorted().map((key) => [key, "***"])),
  };
}

const keys = (map: unknown): readonly string[] =>
  typeof map === "object" && map !== null ? Object.keys(map) : [];

function base64(value: string | Uint8Array | Sealed): string {
  return Buffer.from(value instanceof Sealed ? openBytes(value) : value).toString("base64");
}
