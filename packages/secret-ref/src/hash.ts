/**
 * One hash per consumer, over exactly what it uses: a rotated value restarts its users and nobody else.
 * Pure.
 */
import { createHash } from "node:crypto";
import { openBytes, Sealed } from "./sealed.ts";

/**
 * 16 hex digits of SHA-256 over the entries sorted by key. Names and sizes are part of it, so that moving a
 * byte from one entry to the next changes the hash. The same key twice counts twice.
 */
export function contentHash(entries: Iterable<readonly [string, string | Uint8Array | Sealed]>): string {
  const hash = createHash("sha256");
  const digests = [...entries].map(([key, value]) => `${JSON.stringify(key)} ${sha256(value)}\n`);
  for (const line of digests.toSorted()) hash.update(line);
  return hash.digest("hex").slice(0, 16);
}

function sha256(value: string | Uint8Array | Sealed): string {
  return createHash("sha256")
    .update(value instanceof Sealed ? openBytes(value) : value)
    .digest("hex");
}
