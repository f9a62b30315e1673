/**
 * Notices when the process stood still: a loop that is blocked renews no Lease, and what it believes is old. Own timer,
 * by necessity: it is about time.
 */
import { setTimeout as pause } from "node:timers/promises";

export interface StallProps {
  /** Default 5 s. */
  readonly longestMs?: number;
  /** Default 1 s. */
  readonly lookMs?: number;
}

/** Returns how long the process stood still when that was too long; `undefined` when the signal aborts first. */
export async function stalled(
  signal: AbortSignal,
  { longestMs = 5000, lookMs = 1000 }: StallProps = {},
): Promise<number | undefined> {
  while (!signal.aborted) {
    const beganMs = performance.now();
    await pause(lookMs, undefined, { signal }).catch(() => undefined);
    const lateMs = performance.now() - beganMs - lookMs;
    if (lateMs > longestMs && !signal.aborted) return lateMs;
  }
  return undefined;
}
