/**
 * The objects of one kind, by name, with indexes. Truth comes from the watch; our own writes are remembered until the
 * watch has shown them, so that a pass never decides on something older than what it wrote. Memory only.
 */
import type { LiveObject } from "../model/manifest.ts";
import type { Trimmed } from "./trim.ts";

/** `namespace/name`, `/name` for cluster-scoped objects. */
export type StoreKey = string;

export function storeKey(namespace: string | undefined, name: string): StoreKey {
  return `${namespace ?? ""}/${name}`;
}

export interface Change {
  readonly old?: LiveObject;
  readonly new?: LiveObject;
}

const expectationMs = 30_000;
const instanceLabel = "app.kubernetes.io/instance";

export class Store {
  readonly #entries = new Map<StoreKey, Trimmed>();
  readonly #byOwner = new Map<string, Set<StoreKey>>();
  readonly #byInstance = new Map<string, Set<StoreKey>>();
  /** Version that a write of ours returned and that the watch has yet to show. */
  readonly #expected = new Map<StoreKey, { readonly resourceVersion: string; readonly sinceMs: number }>();
  /** Versions that the watch showed while a write of ours was under way. */
  readonly #during = new Map<StoreKey, Set<string>>();

  get size(): number {
    return this.#entries.size;
  }

  get(namespace: string | undefined, name: string): LiveObject | undefined {
    return this.#entries.get(storeKey(namespace, name))?.object;
  }

  ownHash(namespace: string | undefined, name: string): string | undefined {
    return this.#entries.get(storeKey(namespace, name))?.ownHash;
  }

  values(): readonly LiveObject[] {
    return Array.from(this.#entries.values(), (entry) => entry.object);
  }

  keys(): IterableIterator<StoreKey> {
    return this.#entries.keys();
  }

  ownedBy(uid: string): readonly LiveObject[] {
    return this.#pick(this.#byOwner.get(uid));
  }

  /** Objects of this namespace with this `app.kubernetes.io/instance`. */
  ofInstance(namespace: string | undefined, instance: string): readonly LiveObject[] {
    return this.#pick(this.#byInstance.get(storeKey(namespace, instance)));
  }

  /** An event of the watch. `undefined` when it is older than what we already know, or nothing new. */
  seen(trimmed: Trimmed): Change | undefined {
    const { metadata } = trimmed.object;
    const key = storeKey(metadata.namespace, metadata.name);
    this.#during.get(key)?.add(metadata.resourceVersion);
    const old = this.#entries.get(key)?.object;
    const expected = this.#expected.get(key);
    if (expected !== undefined && old?.metadata.uid === metadata.uid) {
      const isExpected = expected.resourceVersion === metadata.resourceVersion;
      const isBehind = isOlder(metadata.resourceVersion, expected.resourceVersion);
      if (isBehind && performance.now() - expected.sinceMs < expectationMs) return undefined;
      this.#expected.delete(key);
      this.#put(key, trimmed);
      return isExpected ? undefined : change(old, trimmed.object);
    }
    this.#expected.delete(key);
    if (old?.metadata.uid === metadata.uid && old.metadata.resourceVersion === metadata.resourceVersion)
      return undefined;
    this.#put(key, trimmed);
    return change(old, trimmed.object);
  }

  /** The watch says that the object is gone. An older deletion than the object we know is ignored. */
  gone(object: LiveObject): Change | undefined {
    const key = storeKey(object.metadata.namespace, object.metadata.name);
    const old = this.#entries.get(key)?.object;
    if (old === undefined || old.metadata.uid !== object.metadata.uid) return undefined;
    this.#expected.delete(key);
    this.#drop(key);
    return change(old, undefined);
  }

  /**
   * After a relist: what is not among `present` is gone. What we wrote after that stays until the watch shows it.
   * @param resourceVersion of the relist
   */
  retain(present: ReadonlySet<StoreKey>, resourceVersion?: string): readonly Change[] {
    const changes: Change[] = [];
    for (const [key, { object }] of [...this.#entries]) {
      if (present.has(key)) continue;
      const expected = this.#expected.get(key);
      if (
        expected !== undefined &&
        (resourceVersion === undefined || isOlder(resourceVersion, expected.resourceVersion))
      )
        continue;
      this.#expected.delete(key);
      this.#drop(key);
      changes.push(change(object, undefined));
    }
    return changes;
  }

  /** Runs a write and remembers its result, unless the watch was faster. */
  async write<T>(
    namespace: string | undefined,
    name: string,
    send: () => Promise<{ trimmed: Trimmed; result: T }>,
  ): Promise<T> {
    const key = storeKey(namespace, name);
    const during = this.#during.get(key) ?? new Set<string>();
    this.#during.set(key, during);
    try {
      const { trimmed, result } = await send();
      const { resourceVersion, uid } = trimmed.object.metadata;
      const old = this.#entries.get(key)?.object.metadata;
      if (!during.has(resourceVersion) && (old?.resourceVersion !== resourceVersion || old.uid !== uid)) {
        this.#put(key, trimmed);
        this.#expected.set(key, { resourceVersion, sinceMs: performance.now() });
      }
      return result;
    } finally {
      this.#during.delete(key);
    }
  }

  #pick(keys: ReadonlySet<StoreKey> | undefined): readonly LiveObject[] {
    const found: LiveObject[] = [];
    for (const key of keys ?? []) {
      const entry = this.#entries.get(key);
      if (entry !== undefined) found.push(entry.object);
    }
    return found;
  }

  #put(key: StoreKey, trimmed: Trimmed): void {
    this.#drop(key);
    this.#entries.set(key, trimmed);
    for (const [index, term] of this.#terms(trimmed.object)) {
      const keys = index.get(term) ?? new Set();
      index.set(term, keys.add(key));
    }
  }

  #drop(key: StoreKey): void {
    const old = this.#entries.get(key);
    if (old === undefined) return;
    this.#entries.delete(key);
    for (const [index, term] of this.#terms(old.object)) {
      const keys = index.get(term);
      keys?.delete(key);
      if (keys?.size === 0) index.delete(term);
    }
  }

  #terms({ metadata }: LiveObject): readonly (readonly [Map<string, Set<StoreKey>>, string])[] {
    const owner = metadata.ownerReferences?.find((reference) => reference.controller === true)?.uid;
    const instance = metadata.labels?.[instanceLabel];
    return [
      ...(owner === undefined ? [] : [[this.#byOwner, owner] as const]),
      ...(instance === undefined
        ? []
        : [[this.#byInstance, storeKey(metadata.namespace, instance)] as const]),
    ];
  }
}

/** Versions are numbers that grow (Kubernetes says so since 1.35). Of what is no number, only the same is not older. */
export function isOlder(version: string, than: string): boolean {
  const isNumber = /^\d+$/.test(version) && /^\d+$/.test(than);
  return isNumber ? BigInt(version) < BigInt(than) : version !== than;
}

function change(old: LiveObject | undefined, current: LiveObject | undefined): Change {
  return { ...(old === undefined ? {} : { old }), ...(current === undefined ? {} : { new: current }) };
}
