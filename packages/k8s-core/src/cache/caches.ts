/** All stores of the process, one per kind and namespace, and who is told about changes. Reads only. */
import { type KindSpec, kindId, kinds, resourceName } from "../kinds.ts";
import type { LiveObject, ObjectRef } from "../model/manifest.ts";
import { Waiting } from "../model/outcome.ts";
import type { Client } from "../wire/client.ts";
import { Reflector } from "./reflector.ts";
import { type Change, Store } from "./store.ts";
import { trim, type Trimmed } from "./trim.ts";

export interface CachesProps {
  readonly client: Client;
  /** Field manager of the operator, and value of its managed-by label. */
  readonly fieldManager: string;
  /** `undefined` alone: the whole cluster. */
  readonly namespaces: readonly (string | undefined)[];
  readonly onRestart?: (kind: KindSpec, why: string) => void;
  readonly onBroken?: (kind: KindSpec) => void;
}

export type Listener = (change: Change, kind: KindSpec) => void;

interface Entry {
  readonly reflector: Reflector;
  readonly store: Store;
  readonly namespace: string | undefined;
}

const managedByLabel = "app.kubernetes.io/managed-by";
/** Kinds with values that do not belong into memory: ours by label, the names of all others beside. */
const valueKinds: readonly string[] = [kinds.Secret.kind, kinds.ConfigMap.kind];

export class Caches {
  readonly #props: CachesProps;
  readonly #kinds = new Map<string, KindSpec>();
  readonly #full = new Map<string, Entry[]>();
  readonly #names = new Map<string, Entry[]>();
  readonly #listeners = new Map<string, Listener[]>();
  readonly #troubleListeners: ((kind: KindSpec, isSynced: boolean) => void)[] = [];

  constructor(props: CachesProps) {
    this.#props = props;
  }

  /** Watches a kind; once per kind however often it is asked. The listener hears of every change, old and new. */
  watch(kind: KindSpec, listener: Listener): void {
    const id = kindId(kind);
    const listeners = this.#listeners.get(id) ?? [];
    this.#listeners.set(id, [...listeners, listener]);
    if (this.#kinds.has(id)) return;
    this.#kinds.set(id, kind);
    const { fieldManager } = this.#props;
    const isValue = valueKinds.includes(kind.kind);
    const labels =
      isValue || kind.kind === kinds.Pod.kind ? { labels: { [managedByLabel]: fieldManager } } : {};
    this.#full.set(id, this.#entries(kind, labels, listenerOf(this.#listeners, kind)));
  }

  /** Watches the names of all Secrets or ConfigMaps, without a value. */
  watchNames(kind: KindSpec, listener: Listener): void {
    if (this.#names.has(kindId(kind))) return;
    this.#names.set(
      kindId(kind),
      this.#entries(kind, { metadataOnly: true }, (change) => listener(change, kind)),
    );
  }

  /** Hears when a kind becomes usable or stops being so. */
  onTrouble(listener: (kind: KindSpec, isSynced: boolean) => void): void {
    this.#troubleListeners.push(listener);
  }

  kindOf(ref: { readonly apiVersion: string; readonly kind: string }): KindSpec | undefined {
    return this.#kinds.get(kindId(ref));
  }

  get watched(): readonly KindSpec[] {
    return [...this.#kinds.values()];
  }

  /** The store in which objects of this kind and namespace are; `undefined` when nobody watches them. */
  store(kind: KindSpec, namespace: string | undefined): Store | undefined {
    return pick(this.#full.get(kindId(kind)), kind, namespace)?.store;
  }

  names(kind: KindSpec, namespace: string): Store | undefined {
    return pick(this.#names.get(kindId(kind)), kind, namespace)?.store;
  }

  /** All stores of a kind, whatever the namespace. */
  stores(kind: KindSpec): readonly Store[] {
    return (this.#full.get(kindId(kind)) ?? []).map(({ store }) => store);
  }

  live(ref: ObjectRef, namespace: string): LiveObject | undefined {
    const kind = this.kindOf(ref);
    return kind === undefined
      ? undefined
      : this.store(kind, namespace)?.get(kind.namespaced ? namespace : undefined, ref.name);
  }

  /** Like `live`, and for Secrets and ConfigMaps also those of others, by metadata. */
  existing(ref: ObjectRef, namespace: string): LiveObject | undefined {
    const kind = this.kindOf(ref);
    return (
      this.live(ref, namespace) ??
      (kind === undefined ? undefined : this.names(kind, namespace)?.get(namespace, ref.name))
    );
  }

  /** @throws Waiting `DependencyMissing` or `Forbidden` when the cache of this kind cannot be trusted */
  demand(kind: KindSpec, namespace: string): void {
    const id = kindId(kind);
    for (const entries of [this.#full.get(id), this.#names.get(id)]) {
      const entry = pick(entries, kind, namespace);
      switch (entry?.reflector.status) {
        case "missing":
          throw new Waiting(
            "DependencyMissing",
            `This cluster does not serve ${resourceName(kind)}: install what provides it`,
          );
        case "forbidden":
          throw new Waiting(
            "Forbidden",
            `The operator may not list and watch ${resourceName(kind)} in namespace ${namespace}: grant it`,
          );
        case "starting":
          throw new Waiting("CacheNotSynced", `Reading ${resourceName(kind)} for the first time`, 1000);
        default:
      }
    }
  }

  isSynced(kind: KindSpec, namespace: string): boolean {
    return pick(this.#full.get(kindId(kind)), kind, namespace)?.reflector.status === "synced";
  }

  trim(object: LiveObject): Trimmed {
    const { fieldManager } = this.#props;
    const isOurs = object.metadata.labels?.[managedByLabel] === fieldManager;
    return trim(object, fieldManager, isOurs || this.#watchedWhole.has(kindId(object)));
  }

  readonly #watchedWhole = new Set<string>();

  /** Keeps objects of this kind whole, whoever made them: the resources themselves. */
  keepWhole(kind: KindSpec): void {
    this.#watchedWhole.add(kindId(kind));
  }

  /** Reflectors, all of them, for health. */
  get reflectors(): readonly Reflector[] {
    return [...this.#full.values(), ...this.#names.values()].flat().map(({ reflector }) => reflector);
  }

  /** Runs every watch until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.reflectors.map((reflector) => reflector.run(signal)));
  }

  /** Until each watch had its first answer. */
  async settled(signal: AbortSignal): Promise<void> {
    await Promise.all(this.reflectors.map((reflector) => reflector.settled(signal)));
  }

  #entries(
    kind: KindSpec,
    selection: { labels?: Record<string, string>; metadataOnly?: boolean },
    onChange: (change: Change) => void,
  ): Entry[] {
    const namespaces = kind.namespaced ? this.#props.namespaces : [undefined];
    const { client, onRestart, onBroken } = this.#props;
    return namespaces.map((namespace) => {
      const store = new Store();
      const reflector = new Reflector({
        client,
        kind,
        ...(namespace === undefined ? {} : { namespace }),
        selection,
        store,
        trim: (object) => this.trim(object),
        onChange,
        onTrouble: ({ status }) => {
          for (const listener of this.#troubleListeners) listener(kind, status === "synced");
        },
        ...(onRestart === undefined ? {} : { onRestart }),
        ...(onBroken === undefined ? {} : { onBroken }),
      });
      return { reflector, store, namespace };
    });
  }
}

function listenerOf(
  listeners: ReadonlyMap<string, readonly Listener[]>,
  kind: KindSpec,
): (change: Change) => void {
  return (change) => {
    for (const listener of listeners.get(kindId(kind)) ?? []) listener(change, kind);
  };
}

function pick(
  entries: readonly Entry[] | undefined,
  kind: KindSpec,
  namespace: string | undefined,
): Entry | undefined {
  return entries?.find(
    (entry) => entry.namespace === undefined || !kind.namespaced || entry.namespace === namespace,
  );
}
