/** Now and then asks the server what the caches should hold, and counts what they missed. Reads only; off by default. */
import { setTimeout as pause } from "node:timers/promises";
import type { Caches } from "../cache/caches.ts";
import type { Metrics } from "./metrics.ts";

export interface CacheCheck {
  readonly caches: Pick<Caches, "reflectors">;
  readonly metrics: Pick<Metrics, "missed">;
  /** 0: never. */
  readonly seconds: number;
  readonly signal: AbortSignal;
}

/** Time for a watch to show what a list has shown. */
const patienceMs = 10_000;

/** A check, no repair: whatever it counts is a bug of ours. */
export async function checkCaches({ caches, metrics, seconds, signal }: CacheCheck): Promise<void> {
  while (seconds > 0 && !signal.aborted) {
    await pause(seconds * 1000, undefined, { signal }).catch(() => undefined);
    for (const reflector of caches.reflectors) {
      if (signal.aborted) return;
      // A server that does not answer now is asked again next time.
      const missed = await reflector.missed(patienceMs, signal).catch(() => 0);
      metrics.missed(reflector.kind.kind, missed);
    }
  }
}
