/**
 * How many requests may be under way at once: as many as the server likes. Each 429 halves the number for a minute,
 * as the server's own fairness tells us that we are too many. Memory and one clock.
 */

export interface CongestionProps {
  /** Default 32: more is slower against a server on few cores. */
  readonly most?: number;
  /** Monotonic milliseconds. Default: of the process. */
  readonly clock?: () => number;
}

const reliefMs = 60_000;
/** Refusals of requests that were sent together are one refusal. */
const sameMs = 1000;

export class Congestion {
  readonly #most: number;
  readonly #clock: () => number;
  readonly #waiting: (() => void)[] = [];
  #allowed: number;
  #refusedMs = Number.NEGATIVE_INFINITY;
  #active = 0;

  constructor({ most = 32, clock = () => performance.now() }: CongestionProps = {}) {
    this.#most = most;
    this.#allowed = most;
    this.#clock = clock;
  }

  /** Requests allowed at once now. */
  get allowed(): number {
    if (this.#clock() - this.#refusedMs >= reliefMs) this.#allowed = this.#most;
    return this.#allowed;
  }

  /** The server said 429. */
  refused(): void {
    const nowMs = this.#clock();
    const allowed = this.allowed;
    if (nowMs - this.#refusedMs >= sameMs) this.#allowed = Math.max(1, Math.floor(allowed / 2));
    this.#refusedMs = nowMs;
  }

  /** Runs the work when its turn has come. Whoever waits gives up when the signal aborts. */
  async run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    while (this.#active >= this.allowed) await this.#turn(signal);
    this.#active += 1;
    try {
      return await work();
    } finally {
      this.#active -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const proceed = (): void => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(proceed), 1);
        reject(signal.reason);
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting.push(proceed);
    });
  }
}
