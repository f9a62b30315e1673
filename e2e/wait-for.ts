/** Waits until somebody else's program says what we hope for. Polls, because a foreign HTTP API offers nothing to watch. */
import { setTimeout as pause } from "node:timers/promises";

export interface Patience {
  /** What is awaited, to be read after "waiting for". */
  readonly what: string;
  readonly timeoutMs: number;
  readonly everyMs?: number;
}

/**
 * Calls `check` until it returns a value; `undefined` or an error means "not there".
 * @throws Error that names what was awaited and the last error
 */
export async function waitFor<T>(
  { what, timeoutMs, everyMs = 500 }: Patience,
  check: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const value = await check();
      if (value !== undefined) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await pause(everyMs);
  }
  const detail = last instanceof Error ? `: ${last.message}` : "";
  throw new Error(`Gave up waiting for ${what} after ${Math.round(timeoutMs / 1000)} s${detail}`, {
    cause: last,
  });
}
