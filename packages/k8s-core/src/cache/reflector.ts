/**
 * Keeps one store equal to the server: one watch per kind, scope and selection, for as long as the process lives.
 *
 * First contact streams the present objects (WatchList; list and watch where the server cannot). Resumes where it
 * stopped, relists on 410, never dies, never loops tightly. Reads only.
 */
import { setTimeout as pause } from "node:timers/promises";
import { type KindSpec, resourceName } from "../kinds.ts";
import type { LiveObject } from "../model/manifest.ts";
import { ApiError } from "../wire/answer.ts";
import { pauseMs } from "../wire/backoff.ts";
import type { Client, Selection, WatchEvent } from "../wire/client.ts";
import { type Change, isOlder, type Store, storeKey } from "./store.ts";
import type { Trimmed } from "./trim.ts";

export interface ReflectorProps {
  readonly client: Client;
  readonly kind: KindSpec;
  /** Absent: all namespaces. */
  readonly namespace?: string;
  readonly selection: Pick<Selection, "labels" | "name" | "metadataOnly">;
  readonly store: Store;
  readonly trim: (object: LiveObject) => Trimmed;
  /** Only maps the change to keys and enqueues them. */
  readonly onChange: (change: Change) => void;
  /** The watch became usable, or stopped being so. */
  readonly onTrouble?: (reflector: Reflector) => void;
  readonly onRestart?: (kind: KindSpec, why: string) => void;
  /** A line of the watch could not be read; the present objects are read again. */
  readonly onBroken?: (kind: KindSpec) => void;
  readonly random?: () => number;
  /** Monotonic milliseconds. Default: of the process. */
  readonly clock?: () => number;
}

/** `missing`: the server does not serve the kind. `forbidden`: it does not let us. Both are asked again, slowly. */
export type ReflectorStatus = "starting" | "synced" | "missing" | "forbidden";

const missingRecheckMs = 60_000;
/** The server says something each minute. Over HTTP/1.1 nothing else tells a quiet watch from a dead one. */
const longestSilenceMs = 150_000;

export class Reflector {
  readonly kind: KindSpec;
  readonly namespace: string | undefined;
  readonly store: Store;
  readonly #props: ReflectorProps;
  #status: ReflectorStatus = "starting";
  #words = "";
  #resourceVersion: string | undefined;
  #canStream = true;
  #lastContactMs: number;
  readonly #waiters = new Set<() => void>();

  constructor(props: ReflectorProps) {
    this.#props = props;
    this.kind = props.kind;
    this.namespace = props.namespace;
    this.store = props.store;
    this.#lastContactMs = this.#nowMs();
  }

  get status(): ReflectorStatus {
    return this.#status;
  }

  /** Why it is not synced, in the server's words. */
  get words(): string {
    return this.#words;
  }

  /** Milliseconds since the server last sent anything, a clean end of the watch included. */
  get silentMs(): number {
    return this.#nowMs() - this.#lastContactMs;
  }

  #nowMs(): number {
    return this.#props.clock?.() ?? performance.now();
  }

  /** Until the first answer, whichever it is: synced, missing or forbidden. */
  async settled(signal: AbortSignal): Promise<void> {
    if (this.#status !== "starting") return;
    await new Promise<void>((resolve, reject) => {
      this.#waiters.add(resolve);
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  }

  /** Objects that the server has and the store has not, or older, although the watch had time to say so. */
  async missed(patienceMs: number, signal: AbortSignal): Promise<number> {
    const { client, kind, namespace, selection, store } = this.#props;
    if (this.#status !== "synced") return 0;
    const { items } = await client.list(kind, namespace, { ...selection, metadataOnly: true, signal });
    const isHeld = ({ metadata }: LiveObject): boolean => {
      const held = store.get(metadata.namespace, metadata.name)?.metadata;
      return held?.uid === metadata.uid && !isOlder(held.resourceVersion, metadata.resourceVersion);
    };
    const late = items.filter((item) => !isHeld(item));
    if (late.length === 0) return 0;
    await pause(patienceMs, undefined, { signal });
    // What was deleted or made anew meanwhile is not missed.
    const now = await client.list(kind, namespace, { ...selection, metadataOnly: true, signal });
    const there = new Set(now.items.map(({ metadata }) => metadata.uid));
    return late.filter((item) => there.has(item.metadata.uid) && !isHeld(item)).length;
  }

  /** Runs until the signal aborts; then returns. */
  async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const startedMs = performance.now();
      let wait = pauseMs(0, this.#pace(1000, 1000));
      try {
        await this.#follow(signal);
        failures = performance.now() - startedMs < 1000 ? failures + 1 : 0;
        if (failures > 0) wait = pauseMs(failures, this.#pace(800, 30_000));
      } catch (error) {
        if (signal.aborted) return;
        failures = performance.now() - startedMs > 120_000 ? 1 : failures + 1;
        wait = this.#afterFailure(error, failures);
      }
      await pause(wait, undefined, { signal }).catch(() => undefined);
    }
  }

  #pace(firstMs: number, capMs: number): { firstMs: number; capMs: number; random?: () => number } {
    return { firstMs, capMs, ...(this.#props.random === undefined ? {} : { random: this.#props.random }) };
  }

  #afterFailure(error: unknown, failures: number): number {
    const { onRestart, kind } = this.#props;
    const why = error instanceof ApiError ? error.answer.kind : "network";
    onRestart?.(kind, why);
    if (error instanceof ApiError) this.#words = error.answer.message;
    switch (why) {
      case "expired":
      case "futureVersion":
        this.#resourceVersion = undefined;
        return pauseMs(failures, this.#pace(400, 30_000));
      case "badRequest":
      case "invalid":
        // A server that cannot stream the present objects says so in this way.
        if (this.#resourceVersion === undefined && this.#canStream) {
          this.#canStream = false;
          return 0;
        }
        this.#resourceVersion = undefined;
        return pauseMs(failures, this.#pace(800, 30_000));
      case "notServed":
      case "absent":
        this.#becameMissing();
        return missingRecheckMs / 2 + pauseMs(0, this.#pace(missingRecheckMs / 2, missingRecheckMs));
      case "forbidden":
        this.#become("forbidden");
        return pauseMs(failures, this.#pace(2000, 30_000));
      default:
        return Math.max(
          pauseMs(failures, this.#pace(800, 30_000)),
          error instanceof ApiError ? (error.answer.retryAfterMs ?? 0) : 0,
        );
    }
  }

  /** One watch, from first contact or from the last version, until the server ends it. */
  async #follow(signal: AbortSignal): Promise<void> {
    const { client, kind, namespace, selection } = this.#props;
    if (this.#resourceVersion === undefined && !this.#canStream) await this.#relist(signal);
    const resourceVersion = this.#resourceVersion;
    const present = resourceVersion === undefined ? new Set<string>() : undefined;
    const timeoutSeconds = 300 + Math.floor((this.#props.random ?? Math.random)() * 300);
    const silent = new AbortController();
    const options = {
      ...selection,
      timeoutSeconds,
      signal: AbortSignal.any([signal, silent.signal]),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    };
    const beganMs = performance.now();
    const listening = setInterval(() => {
      if (Math.min(this.silentMs, performance.now() - beganMs) > longestSilenceMs)
        silent.abort(new Error("nothing was heard of the watch"));
    }, longestSilenceMs / 10);
    try {
      for await (const event of client.watch(kind, namespace, options)) this.#take(event, present);
    } finally {
      clearInterval(listening);
    }
    this.#lastContactMs = this.#nowMs();
  }

  async #relist(signal: AbortSignal): Promise<void> {
    const { client, kind, namespace, selection } = this.#props;
    const { items, resourceVersion } = await client.list(kind, namespace, { ...selection, signal });
    this.#lastContactMs = this.#nowMs();
    for (const item of items) this.#seen(item);
    this.#complete(
      new Set(items.map(({ metadata }) => storeKey(metadata.namespace, metadata.name))),
      resourceVersion,
    );
  }

  #take(event: WatchEvent, present: Set<string> | undefined): void {
    this.#lastContactMs = this.#nowMs();
    switch (event.type) {
      case "ADDED":
      case "MODIFIED":
        present?.add(storeKey(event.object.metadata.namespace, event.object.metadata.name));
        this.#seen(event.object);
        break;
      case "DELETED": {
        present?.delete(storeKey(event.object.metadata.namespace, event.object.metadata.name));
        this.#tell(this.#props.store.gone(event.object));
        break;
      }
      case "BOOKMARK":
        break;
      case "SYNCED":
        if (present !== undefined) this.#complete(present, event.resourceVersion);
        break;
      case "ERROR":
        throw new ApiError(`watch ${resourceName(this.kind)}`, event.answer);
      case "BROKEN":
        this.#props.onBroken?.(this.kind);
        this.#resourceVersion = undefined;
        throw new Error(`watch ${resourceName(this.kind)}: a line that is no JSON`);
    }
    // Before everything present was sent, a version does not say what we have seen.
    if (this.#resourceVersion !== undefined || event.type === "SYNCED")
      this.#resourceVersion =
        "object" in event ? event.object.metadata.resourceVersion : event.resourceVersion;
  }

  #seen(object: LiveObject): void {
    const { store, trim } = this.#props;
    const key = object.metadata;
    const old = store.get(key.namespace, key.name);
    // Another uid under the same name is a deletion and a creation.
    if (old !== undefined && old.metadata.uid !== key.uid) this.#tell(store.gone(old));
    this.#tell(store.seen(trim(object)));
  }

  #complete(present: ReadonlySet<string>, resourceVersion: string): void {
    for (const change of this.#props.store.retain(present, resourceVersion)) this.#tell(change);
    this.#resourceVersion = resourceVersion;
    this.#become("synced");
  }

  #becameMissing(): void {
    this.#resourceVersion = undefined;
    for (const change of this.#props.store.retain(new Set())) this.#tell(change);
    this.#become("missing");
  }

  #become(status: ReflectorStatus): void {
    const before = this.#status;
    this.#status = status;
    for (const resolve of this.#waiters) resolve();
    this.#waiters.clear();
    if (before !== status) this.#props.onTrouble?.(this);
  }

  #tell(change: Change | undefined): void {
    if (change !== undefined) this.#props.onChange(change);
  }
}
