/** What the engine remembers of each object it applied: enough to see, without a request, that nothing is to be done. */
import { hash } from "node:crypto";
import type { Manifest } from "../model/manifest.ts";

export interface Remembered {
  /** Hash of what was sent. */
  readonly desired: string;
  /** Hash of what we owned afterwards. */
  readonly own: string | undefined;
  readonly uid: string;
  /** When the same manifest was applied again, because somebody changed it: monotonic milliseconds. */
  readonly repairsMs: readonly number[];
}

const repairsAllowed = 5;
const repairsWindowMs = 600_000;

export class Memory {
  readonly #objects = new Map<string, Remembered>();

  get(id: string): Remembered | undefined {
    return this.#objects.get(id);
  }

  set(id: string, remembered: Remembered): void {
    this.#objects.set(id, remembered);
  }

  forget(id: string): void {
    this.#objects.delete(id);
  }

  get size(): number {
    return this.#objects.size;
  }
}

const hashes = new WeakMap<Manifest, string>();

/** Of a manifest that nobody changes any more: a pass that builds the same one again pays once. */
export function desiredHash(manifest: Manifest): string {
  const known = hashes.get(manifest) ?? hash("sha256", JSON.stringify(manifest), "base64url");
  hashes.set(manifest, known);
  return known;
}

/** Repairs within the window, and whether one more would be a fight. */
export function repairs(
  before: readonly number[],
  nowMs: number,
): { readonly recent: readonly number[]; readonly isContended: boolean } {
  const recent = before.filter((at) => nowMs - at < repairsWindowMs);
  return { recent, isContended: recent.length >= repairsAllowed };
}
