/** Manifests as YAML for a person: sorted keys, one document each, Secret values hidden unless asked for. Pure. */
import { stringify } from "yaml";
import type { Manifest } from "../model/manifest.ts";

export function toYaml(manifests: readonly object[]): string {
  return manifests
    .map((manifest) =>
      stringify(manifest, { sortMapEntries: false, lineWidth: 0, aliasDuplicateObjects: false }),
    )
    .join("---\n");
}

/** Shows which keys a Secret has, and of its values only `***`. */
export function redacted(manifest: Manifest): Manifest {
  const data = manifest["data"];
  if (manifest.kind !== "Secret" || typeof data !== "object" || data === null) return manifest;
  return { ...manifest, data: Object.fromEntries(Object.keys(data).map((key) => [key, "***"])) };
}

/** A Secret with its values as text where they are text. */
export function decoded(manifest: Manifest): Manifest {
  const { data, ...rest } = manifest;
  if (manifest.kind !== "Secret" || typeof data !== "object" || data === null) return manifest;
  const entries = Object.entries(data as Record<string, string>).map(
    ([key, value]) => [key, Buffer.from(value, "base64")] as const,
  );
  const isText = entries.every(([, bytes]) => Buffer.from(bytes.toString("utf8")).equals(bytes));
  return (
    isText
      ? {
          ...rest,
          stringData: Object.fromEntries(entries.map(([key, bytes]) => [key, bytes.toString("utf8")])),
        }
      : manifest
  ) as Manifest;
}
