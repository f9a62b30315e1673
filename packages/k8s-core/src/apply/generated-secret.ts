/** A Secret that is made once, as it is sent: the same bytes when it is only rendered. Pure. */
import type { NewSecret } from "../model/io.ts";
import type { Manifest } from "../model/manifest.ts";

export function generatedSecret({ name, labels, annotations, entries }: NewSecret): Manifest {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, labels, ...(annotations === undefined ? {} : { annotations }) },
    type: "Opaque",
    data: encoded(entries),
  };
}

export function encoded(entries: ReadonlyMap<string, Uint8Array>): Record<string, string> {
  return Object.fromEntries(
    Array.from(entries, ([key, bytes]) => [key, Buffer.from(bytes).toString("base64")] as const),
  );
}
