/**
 * Keys that need a pass: each at most once, never twice at a time, a user's edit before start-up noise.
 *
 * Events only add keys; the pass reads what is. Holds the only timer of the control loop. Memory only.
 */
import { longestTimerMs, pauseMs } from "../wire/backoff.ts";

/** `spec`: a person waits. `child`: something of ours changed. `resync`: nobody asked. */
export type Lane = "spec" | "child" | "resync";

export interface QueueProps {
  readonly random?: () => number;
  readonly onAdd?: () => void;
  readonly onRetry?: () => void;
}

const lanes: readonly Lane[] = ["spec", "child", "resync"];
/** Every so many keys the slowest lane is served first, so that it cannot starve. */
const ageing = 8;

export class Queue<K> {
  readonly #props: QueueProps;
  readonly #ready: Readonly<Record<Lane, Map<K, number>>> = {
    spec: new Map(),
    child: new Map(),
    resync: new Map(),
  };
  readonly #inFlight = new Map<K, number>();
  readonly #dirty = new Map<K, Lane>();
  readonly #delayed = new Map<K, { readonly atMs: number; readonly lane: Lane }>();
  readonly #failures = new Map<K, number>();
  readonly #takers: ((key: K | undefined) => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #timerAtMs = Number.POSITIVE_INFINITY;
  #served = 0;
  #isClosed = false;

  constructor(props: QueueProps = {}) {
    this.#props = props;
  }

  /** Keys that wait for a worker. */
  get depth(): number {
    return lanes.reduce((sum, lane) => sum + this.#ready[lane].size, 0);
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** For how many milliseconds each key in flight has been so. */
  get inFlightMs(): readonly number[] {
    const nowMs = performance.now();
    return Array.from(this.#inFlight.values(), (sinceMs) => nowMs - sinceMs);
  }

  add(key: K, lane: Lane = "spec"): void {
    if (this.#isClosed) return;
    this.#props.onAdd?.();
    this.#delayed.delete(key);
    if (this.#inFlight.has(key)) {
      const before = this.#dirty.get(key);
      if (before === undefined || lanes.indexOf(lane) < lanes.indexOf(before)) this.#dirty.set(key, lane);
      return;
    }
    const at = lanes.findIndex((one) => this.#ready[one].has(key));
    if (at >= 0 && at <= lanes.indexOf(lane)) return;
    if (at >= 0) for (const one of lanes) this.#ready[one].delete(key);
    this.#ready[lane].set(key, performance.now());
    this.#serve();
  }

  /** The earliest delay of a key counts; a key that is ready already stays so. */
  addAfter(key: K, delayMs: number, lane: Lane = "child"): void {
    if (delayMs <= 0) return this.add(key, lane);
    if (this.#isClosed || lanes.some((one) => this.#ready[one].has(key))) return;
    const atMs = performance.now() + Math.min(delayMs, longestTimerMs);
    const before = this.#delayed.get(key);
    if (before !== undefined && before.atMs <= atMs) return;
    this.#delayed.set(key, { atMs, lane });
    this.#wind(atMs);
  }

  /** The pass failed: again after a pause that doubles, 1 s to 5 min, with full jitter. Returns the pause. */
  retry(key: K, atLeastMs = 0): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#props.onRetry?.();
    const { random } = this.#props;
    const pause = Math.max(
      atLeastMs,
      pauseMs(failures, { firstMs: 1000, capMs: 300_000, ...(random === undefined ? {} : { random }) }),
    );
    this.addAfter(key, Math.max(pause, 50), "child");
    return pause;
  }

  forget(key: K): void {
    this.#failures.delete(key);
  }

  failures(key: K): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The next key, marked as in flight until `done`; `undefined` when the queue closed. */
  async take(): Promise<{ readonly key: K; readonly waitedMs: number } | undefined> {
    if (this.#isClosed) return undefined;
    const key = this.#next() ?? (await new Promise<K | undefined>((resolve) => this.#takers.push(resolve)));
    if (key === undefined) return undefined;
    const waitedMs = performance.now() - (this.#inFlight.get(key) ?? performance.now());
    this.#inFlight.set(key, performance.now());
    return { key, waitedMs };
  }

  done(key: K): void {
    this.#inFlight.delete(key);
    const lane = this.#dirty.get(key);
    this.#dirty.delete(key);
    if (lane !== undefined) this.add(key, lane);
  }

  /** Takers get `undefined`, whatever waits; additions are ignored; keys in flight go on. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const resolve of this.#takers.splice(0)) resolve(undefined);
  }

  #next(): K | undefined {
    const order = this.#served % ageing === ageing - 1 ? [...lanes].reverse() : lanes;
    for (const lane of order) {
      const first = this.#ready[lane].entries().next();
      if (first.done === true) continue;
      const [key, addedMs] = first.value;
      this.#ready[lane].delete(key);
      this.#inFlight.set(key, addedMs);
      this.#served += 1;
      return key;
    }
    return undefined;
  }

  #serve(): void {
    while (this.#takers.length > 0) {
      const key = this.#next();
      if (key === undefined) return;
      this.#takers.shift()?.(key);
    }
  }

  #wind(atMs: number): void {
    if (atMs >= this.#timerAtMs) return;
    clearTimeout(this.#timer);
    this.#timerAtMs = atMs;
    this.#timer = setTimeout(() => this.#due(), Math.max(0, atMs - performance.now()));
  }

  #due(): void {
    this.#timerAtMs = Number.POSITIVE_INFINITY;
    const nowMs = performance.now() + 0.5;
    let next = Number.POSITIVE_INFINITY;
    for (const [key, { atMs, lane }] of [...this.#delayed]) {
      if (atMs <= nowMs) this.add(key, lane);
      else next = Math.min(next, atMs);
    }
    if (next !== Number.POSITIVE_INFINITY) this.#wind(next);
  }
}
