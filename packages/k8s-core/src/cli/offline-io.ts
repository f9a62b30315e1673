/**
 * The edge of a reconcile that changes nothing: Secrets and ConfigMaps come from files, generated Secrets stay in memory
 * with a stand-in for values, and step 5 is where it ends. Used by `render`, and by `diff` with a cluster beside it.
 */
import type { Controller } from "../control/controller.ts";
import type { Applied } from "../model/applied.ts";
import type { Grants } from "../model/grant.ts";
import type { KeyValues, NewSecret, ReconcileIO } from "../model/io.ts";
import { type LiveObject, type Manifest, type ObjectId, objectId, refOf } from "../model/manifest.ts";
import type { Plan } from "../model/plan.ts";
import { shownStandIn } from "./unknown.ts";

/** Thrown by `apply`: the line has told what it wants, and there is no cluster to want it from. */
export class PlanReached extends Error {
  override readonly name = "PlanReached";
  readonly plan: Plan;
  constructor(plan: Plan) {
    super("The plan is made");
    this.plan = plan;
  }
}

export interface OfflineIO extends ReconcileIO {
  /** Asks secret-ref for this text on every run instead of real keys. */
  readonly standIn: string;
  /** Secrets that the operator would generate. */
  readonly generated: readonly NewSecret[];
  /** Secrets and ConfigMaps that the line asked for. */
  readonly asked: ReadonlySet<ObjectId>;
}

/** What a cluster holds of one resource already. */
export interface Present {
  readonly resource?: LiveObject | undefined;
  /** Of the kinds that the controller owns, those that bear the resource's labels; Secrets and ConfigMaps by metadata. */
  readonly objects: readonly LiveObject[];
  readonly pods: readonly LiveObject[];
}

/** Where to look for what the files do not hold. */
export interface Elsewhere extends Pick<ReconcileIO, "readSecret" | "readConfigMap"> {
  present(controller: Controller, namespace: string, name: string): Promise<Present>;
}

export interface OfflineProps {
  readonly documents: readonly Manifest[];
  readonly grants: Grants;
  readonly elsewhere?: Elsewhere | undefined;
  /** Default: nothing is there. */
  readonly present?: Present;
  /** Stands for every value that a cluster would generate. Default `***`. */
  readonly standIn?: string;
}

export const nothingPresent: Present = { objects: [], pods: [] };

export function offlineIO({
  documents,
  grants,
  elsewhere,
  present = nothingPresent,
  standIn = shownStandIn,
}: OfflineProps): OfflineIO {
  const made = new Map<string, NewSecret>();
  const asked = new Set<ObjectId>();
  const ask = (kind: "Secret" | "ConfigMap", name: string): void => {
    asked.add(objectId({ apiVersion: "v1", kind, name }));
  };
  const find = (kind: "Secret" | "ConfigMap", name: string): KeyValues | undefined => {
    const document = documents.find((one) => one.kind === kind && one.metadata.name === name);
    return document === undefined ? undefined : keyValuesOf(document);
  };
  const keep = (secret: NewSecret): Promise<KeyValues> => {
    ask("Secret", secret.name);
    made.set(secret.name, secret);
    return Promise.resolve(secret);
  };
  return {
    standIn,
    get generated() {
      return [...made.values()];
    },
    asked,
    readSecret: async (name) => {
      ask("Secret", name);
      return made.get(name) ?? find("Secret", name) ?? (await elsewhere?.readSecret(name));
    },
    readConfigMap: async (name) => {
      ask("ConfigMap", name);
      return find("ConfigMap", name) ?? (await elsewhere?.readConfigMap(name));
    },
    createSecret: keep,
    replaceSecret: keep,
    now: () => 0,
    live: (ref) => present.objects.find((live) => objectId(refOf(live)) === objectId(ref)),
    liveOf: (kind) => present.objects.filter((live) => live.kind === kind),
    pods: () => present.pods,
    facts: () => undefined,
    apply: (plan): Promise<Applied> => Promise.reject(new PlanReached(plan)),
    grants,
    signal: new AbortController().signal,
  };
}

function keyValuesOf(document: Manifest): KeyValues {
  const texts = (member: string): readonly [string, string][] => {
    const value = document[member];
    return typeof value === "object" && value !== null ? (Object.entries(value) as [string, string][]) : [];
  };
  const isSecret = document.kind === "Secret";
  const plain = isSecret ? texts("stringData") : texts("data");
  const encoded = isSecret ? texts("data") : texts("binaryData");
  return {
    name: document.metadata.name,
    ...(typeof document["type"] === "string" ? { type: document["type"] } : {}),
    labels: document.metadata.labels ?? {},
    entries: new Map([
      ...encoded.map(([key, value]) => [key, Uint8Array.from(Buffer.from(value, "base64"))] as const),
      ...plain.map(([key, value]) => [key, new TextEncoder().encode(value)] as const),
    ]),
  };
}
