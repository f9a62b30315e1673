/** Growing pauses with full jitter. Pure, but for the random source that is handed in. */

export interface BackoffProps {
  readonly firstMs: number;
  readonly capMs: number;
  readonly random?: () => number;
}

/** Pause before attempt number `attempt` (from 0): a random part of `firstMs * 2^attempt`, at most `capMs`. */
export function pauseMs(attempt: number, { firstMs, capMs, random = Math.random }: BackoffProps): number {
  return Math.ceil(random() * Math.min(capMs, firstMs * 2 ** Math.min(attempt, 30)));
}

/** `setTimeout` fires at once above this. */
export const longestTimerMs = 2 ** 31 - 1;
