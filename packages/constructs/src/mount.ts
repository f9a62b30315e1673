/**
 * A file or folder inside a container together with where it comes from. Volumes of a pod are read off its mounts:
 * equal sources share one volume, and its name is a hash of the source, so user text never becomes a volume name. Pure.
 */
import type { V1Volume, V1VolumeMount } from "@kubernetes/client-node";
import { shortHash } from "@zuul-pulp/k8s-core/model";
import { canonicalJson } from "./canonical-json.ts";
import { given } from "./given.ts";

/** One key of a Secret or ConfigMap, as a file below the mount path. */
export interface KeyFile {
  readonly key: string;
  readonly path: string;
  /** File mode as a number (`0o400`); default is that of the volume. */
  readonly mode?: number;
}

export type VolumeSource =
  | {
      readonly kind: "secret";
      readonly name: string;
      readonly items?: readonly KeyFile[];
      readonly mode?: number;
      readonly optional?: boolean;
    }
  | {
      readonly kind: "configMap";
      readonly name: string;
      readonly items?: readonly KeyFile[];
      readonly mode?: number;
      readonly optional?: boolean;
    }
  /** `name` tells two empty folders of one pod apart; containers that use the same name share the folder. */
  | {
      readonly kind: "emptyDir";
      readonly name: string;
      readonly medium?: "Memory";
      readonly sizeLimit?: string;
    }
  | { readonly kind: "claim"; readonly name: string; readonly readOnly?: boolean }
  /** A claim of the StatefulSet itself, by the name of its template. */
  | { readonly kind: "claimTemplate"; readonly name: string }
  | { readonly kind: "hostPath"; readonly path: string; readonly type?: string }
  /** Any other volume source, as Kubernetes spells it, without `name`: `{ csi: {…} }`, `{ projected: {…} }`. */
  | { readonly kind: "native"; readonly source: Readonly<Record<string, unknown>> };

export interface Mount {
  /** Absolute path inside the container. */
  readonly path: string;
  readonly from: VolumeSource;
  /** Default: true for Secrets and ConfigMaps, else false. */
  readonly readOnly?: boolean;
  /** Such a mount never sees an update of its Secret or ConfigMap. */
  readonly subPath?: string;
  readonly propagation?: "None" | "HostToContainer" | "Bidirectional";
}

/** The volumes that a pod needs for these mounts, ordered by name. Claim templates bring their own. */
export function volumesOf(mounts: readonly Mount[]): V1Volume[] {
  const volumes = new Map<string, V1Volume>();
  for (const { from } of mounts) {
    if (from.kind !== "claimTemplate")
      volumes.set(volumeName(from), { name: volumeName(from), ...volumeSource(from) });
  }
  return [...volumes.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Ordered by path, so that the order in which a product lists them means nothing. */
export function volumeMountsOf(mounts: readonly Mount[]): V1VolumeMount[] {
  return [...mounts]
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
    .map(({ path, from, readOnly, subPath, propagation }) => ({
      name: volumeName(from),
      mountPath: path,
      ...given({ subPath, mountPropagation: propagation }),
      ...((readOnly ?? (from.kind === "secret" || from.kind === "configMap")) ? { readOnly: true } : {}),
    }));
}

function volumeName(from: VolumeSource): string {
  switch (from.kind) {
    case "claimTemplate":
      return from.name;
    case "emptyDir":
      return `empty-${from.name}`;
    default:
      return `${from.kind.toLowerCase()}-${shortHash(canonicalJson(from))}`;
  }
}

function volumeSource(from: Exclude<VolumeSource, { kind: "claimTemplate" }>): Omit<V1Volume, "name"> {
  switch (from.kind) {
    case "secret":
      return { secret: { secretName: from.name, ...files(from) } };
    case "configMap":
      return { configMap: { name: from.name, ...files(from) } };
    case "emptyDir":
      return { emptyDir: given({ medium: from.medium, sizeLimit: from.sizeLimit }) };
    case "claim":
      return { persistentVolumeClaim: { claimName: from.name, ...given({ readOnly: from.readOnly }) } };
    case "hostPath":
      return { hostPath: { path: from.path, ...given({ type: from.type }) } };
    case "native":
      return from.source;
    default:
      return from satisfies never;
  }
}

function files({ items, mode, optional }: { items?: readonly KeyFile[]; mode?: number; optional?: boolean }) {
  const sorted = items && [...items].sort((a, b) => (a.path < b.path ? -1 : 1)).map((item) => ({ ...item }));
  return given({ items: sorted, defaultMode: mode, optional });
}
