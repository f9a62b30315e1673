/** The edge of a reconcile: everything that a line may ask the world for. Handed in by the controller or the CLI. */
import type { Applied } from "./applied.ts";
import type { Grants } from "./grant.ts";
import type { LiveObject, ObjectRef } from "./manifest.ts";
import type { Plan } from "./plan.ts";

/** A Secret or ConfigMap as bytes; absent is `undefined`. Secret values must go into `Sealed` at once. */
export interface KeyValues {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Type of a Secret: a service account's token is never taken for a reference. Absent for ConfigMaps. */
  readonly type?: string;
  readonly entries: ReadonlyMap<string, Uint8Array>;
}

export interface NewSecret {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly entries: ReadonlyMap<string, Uint8Array>;
}

/** Reads by name in the namespace of the resource. Every read is recorded: a change of the object wakes the resource. */
export interface ReferenceReader {
  readSecret(name: string): Promise<KeyValues | undefined>;
  readConfigMap(name: string): Promise<KeyValues | undefined>;
  /** Create-only. When somebody else was faster, returns what they made. Offline: keeps it in memory. */
  createSecret(secret: NewSecret): Promise<KeyValues>;
  /** Replaces the entries of a Secret that we generated (renewal of a certificate). Never used for keys of data. */
  replaceSecret(secret: NewSecret): Promise<KeyValues>;
  /** Milliseconds since the epoch; only certificates need it. */
  now(): number;
  /** Asks for another pass at this time, in milliseconds since the epoch. Absent where there is no next pass. */
  wakeAt?(ms: number): void;
}

/** What only the application knows, as old as `ageMs`; `undefined` until the first answer. */
export interface Facts<F> {
  readonly value: F;
  readonly ageMs: number;
  /** Set when the last attempt failed: the value is then the last known one. One sentence, no secret. */
  readonly error?: string;
}

export interface ReconcileIO<F = unknown> extends ReferenceReader {
  /** The live object from the watch cache; no request. Only for kinds that the controller owns. */
  live(ref: ObjectRef): LiveObject | undefined;
  /** Objects of one owned kind that bear the resource's labels, from the watch cache; none when rendering offline. */
  liveOf(kind: string): readonly LiveObject[];
  /** Pods of the resource from the watch cache; none when rendering offline. */
  pods(): readonly LiveObject[];
  apply(plan: Plan): Promise<Applied>;
  facts(): Facts<F> | undefined;
  /** Power beyond the namespace that this operator was given at install. */
  readonly grants: Grants;
  readonly signal: AbortSignal;
}
