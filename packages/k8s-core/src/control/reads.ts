/**
 * Secrets and ConfigMaps that resources refer to: read by name, remembered while unchanged, and who asked for what.
 *
 * A metadata-only watch says when a value moved; only those that asked are woken. Values stay with those that asked.
 */
import { X509Certificate } from "node:crypto";
import type { Caches } from "../cache/caches.ts";
import { fields, text } from "../json.ts";
import { type KindSpec, kinds } from "../kinds.ts";
import type { KeyValues, NewSecret } from "../model/io.ts";
import { type LiveObject, type ObjectId, objectId, type OwnerReference } from "../model/manifest.ts";
import { Waiting } from "../model/outcome.ts";
import { isAnswer } from "../wire/answer.ts";
import type { Client } from "../wire/client.ts";
import { encoded, generatedSecret } from "../apply/generated-secret.ts";
import { belongingOf, stamped } from "../apply/stamp.ts";

export interface ReadsProps {
  readonly client: Client;
  readonly caches: Caches;
  readonly fieldManager: string;
  /** When the certificate in a Secret that somebody asks for ends; `undefined`: nobody asks any more, or it has none. */
  readonly onCertificate?: (namespace: string, name: string, endsMs: number | undefined) => void;
}

/** What one pass asks for. */
export interface Asking {
  readonly namespace: string;
  readonly signal: AbortSignal;
  /** On whose behalf; absent for a probe, from which nothing is made. */
  readonly resource?: LiveObject;
  /** Everything that was asked so far, whether it exists or not. */
  readonly asked: Set<ObjectId>;
}

interface Known {
  readonly resourceVersion: string;
  readonly values: KeyValues;
}

export class Reads {
  readonly #props: ReadsProps;
  readonly #known = new Map<string, Known>();
  /** `namespace/v1/Secret/name` → wake-up keys of those whose last pass asked for it. */
  readonly #askers = new Map<string, Set<string>>();
  readonly #askedBy = new Map<string, ReadonlySet<string>>();

  constructor(props: ReadsProps) {
    this.#props = props;
  }

  /** @throws Waiting `CollectionInProgress` for what a resource of the same name left behind */
  async read(kind: KindSpec, name: string, asking: Asking): Promise<KeyValues | undefined> {
    const { caches, client } = this.#props;
    const { namespace, signal } = asking;
    const id = idOf(kind, name);
    asking.asked.add(id);
    caches.demand(kind, namespace);
    const seen = caches.names(kind, namespace)?.get(namespace, name);
    if (seen === undefined) return undefined;
    this.#refuseLeftover(seen, asking);
    const known = this.#known.get(`${namespace}/${id}`);
    if (known?.resourceVersion === seen.metadata.resourceVersion) return known.values;
    return this.#keep(kind, namespace, await client.get(kind, namespace, name, { signal }));
  }

  /** Create-only: what exists is read and returned, never overwritten. */
  async create(secret: NewSecret, owner: OwnerReference, asking: Asking): Promise<KeyValues> {
    const { client, caches, fieldManager } = this.#props;
    const { namespace, signal } = asking;
    asking.asked.add(idOf(kinds.Secret, secret.name));
    // What holds data outlives the resource; step 5 changes that when the policy says Delete.
    const manifest = stamped(generatedSecret(secret), {
      namespace,
      fieldManager,
      instance: owner.name,
      deletionPolicy: "Retain",
      owner,
    });
    try {
      return await this.#wrote(namespace, secret.name, () =>
        client.create(kinds.Secret, namespace, manifest, { fieldManager, signal }),
      );
    } catch (error) {
      if (!isAnswer(error, "alreadyExists")) throw error;
      const present = this.#keep(
        kinds.Secret,
        namespace,
        await client.get(kinds.Secret, namespace, secret.name, { signal }),
      );
      if (present === undefined) throw error;
      const live = caches.names(kinds.Secret, namespace)?.get(namespace, secret.name);
      if (live !== undefined) this.#refuseLeftover(live, asking);
      return present;
    }
  }

  /** Replaces all entries, and fails with a conflict when somebody else changed the Secret meanwhile. */
  async replace(secret: NewSecret, asking: Asking): Promise<KeyValues> {
    const { client, fieldManager } = this.#props;
    const { namespace, signal } = asking;
    asking.asked.add(idOf(kinds.Secret, secret.name));
    const present = await client.get(kinds.Secret, namespace, secret.name, { signal });
    if (present === undefined) throw new Error(`cannot replace Secret "${secret.name}": there is none`);
    const dropped = Object.keys(fields(present["data"])).filter((key) => !secret.entries.has(key));
    const patch = {
      metadata: {
        resourceVersion: present.metadata.resourceVersion,
        labels: secret.labels,
        annotations: secret.annotations ?? {},
      },
      data: { ...Object.fromEntries(dropped.map((key) => [key, null])), ...encoded(secret.entries) },
    };
    return await this.#wrote(namespace, secret.name, () =>
      client.mergePatch(kinds.Secret, namespace, secret.name, patch, { fieldManager, signal }),
    );
  }

  /** After a pass: from now on exactly these wake the key. A pass that ended early adds to what is known. */
  asked(wakeKey: string, namespace: string, asked: ReadonlySet<ObjectId>, isComplete: boolean): void {
    const before = this.#askedBy.get(wakeKey) ?? new Set();
    const now = new Set([...(isComplete ? [] : before), ...Array.from(asked, (id) => `${namespace}/${id}`)]);
    for (const id of before) if (!now.has(id)) this.#leave(id, wakeKey);
    for (const id of now) this.#askers.set(id, (this.#askers.get(id) ?? new Set()).add(wakeKey));
    if (now.size === 0) this.#askedBy.delete(wakeKey);
    else this.#askedBy.set(wakeKey, now);
  }

  /** Keys to wake because this Secret or ConfigMap changed. */
  askersOf(live: LiveObject): readonly string[] {
    return [
      ...(this.#askers.get(`${live.metadata.namespace ?? ""}/${idOf(live, live.metadata.name)}`) ?? []),
    ];
  }

  /** A value that is about to be removed, and made anew then, is none to begin with: whoever read it would roll at once. */
  #refuseLeftover(live: LiveObject, { resource }: Asking): void {
    if (resource === undefined) return;
    if (belongingOf(live, resource, this.#props.fieldManager).kind !== "leftover") return;
    throw new Waiting(
      "CollectionInProgress",
      `${live.kind} "${live.metadata.name}" is left over from the ${resource.kind} that had this name before, and about to be removed`,
      5000,
    );
  }

  #leave(id: string, wakeKey: string): void {
    const askers = this.#askers.get(id);
    askers?.delete(wakeKey);
    if (askers?.size !== 0) return;
    this.#askers.delete(id);
    this.#known.delete(id);
    const [namespace = "", , , name = ""] = id.split("/");
    if (id.includes("/v1/Secret/")) this.#props.onCertificate?.(namespace, name, undefined);
  }

  async #wrote(namespace: string, name: string, send: () => Promise<LiveObject>): Promise<KeyValues> {
    const { caches } = this.#props;
    const full = caches.store(kinds.Secret, namespace);
    const names = caches.names(kinds.Secret, namespace);
    const sendOnce = async () => {
      const result = await send();
      return { trimmed: caches.trim(result), result };
    };
    const viaFull =
      full === undefined
        ? sendOnce
        : async () => {
            const result = await full.write(namespace, name, sendOnce);
            return { trimmed: caches.trim(result), result };
          };
    const live = names === undefined ? (await viaFull()).result : await names.write(namespace, name, viaFull);
    return this.#keep(kinds.Secret, namespace, live) ?? { name, labels: {}, entries: new Map() };
  }

  #keep(kind: KindSpec, namespace: string, live: LiveObject | undefined): KeyValues | undefined {
    if (live === undefined) return undefined;
    const values = keyValues(live);
    this.#known.set(`${namespace}/${idOf(kind, live.metadata.name)}`, {
      resourceVersion: live.metadata.resourceVersion,
      values,
    });
    if (kind.kind === kinds.Secret.kind)
      this.#props.onCertificate?.(namespace, values.name, certificateEndsMs(values));
    return values;
  }
}

/** `tls.crt`, as in Secrets of type kubernetes.io/tls and in our own; else the CA alone. */
function certificateEndsMs({ entries }: KeyValues): number | undefined {
  const pem = entries.get("tls.crt") ?? entries.get("ca.crt");
  if (pem === undefined) return undefined;
  try {
    return new X509Certificate(pem).validToDate.getTime();
  } catch {
    return undefined;
  }
}

function idOf(kind: { readonly apiVersion: string; readonly kind: string }, name: string): ObjectId {
  return objectId({ apiVersion: kind.apiVersion, kind: kind.kind, name });
}

/** Entries of a Secret or ConfigMap as bytes. */
export function keyValues(live: LiveObject): KeyValues {
  const isSecret = live.kind === "Secret";
  const entries = new Map<string, Uint8Array>();
  for (const [key, value] of Object.entries(fields(live["data"])))
    if (typeof value === "string") entries.set(key, Buffer.from(value, isSecret ? "base64" : "utf8"));
  for (const [key, value] of Object.entries(fields(live["binaryData"])))
    if (typeof value === "string") entries.set(key, Buffer.from(value, "base64"));
  const type = text(live["type"]);
  return {
    name: live.metadata.name,
    ...(type === undefined ? {} : { type }),
    labels: live.metadata.labels ?? {},
    entries,
  };
}
