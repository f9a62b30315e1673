/** Both products' lines on a spec with hostile values in it or in the Secrets beside it. Offline. */
import type { Manifest } from "@zuul-pulp/k8s-core/model";
import { parsePulp, presentOf, referencesOf as pulpReferences, renderPulp, synthPulp } from "@zuul-pulp/pulp";
import { resolveAll } from "@zuul-pulp/secret-ref";
import { memoryReader } from "@zuul-pulp/secret-ref/memory";
import {
  parseZuul,
  referencesOf as zuulReferences,
  renderZuul,
  synthZuul,
  zuulDefinition,
} from "@zuul-pulp/zuul";

type Spec = Readonly<Record<string, unknown>>;
/** By name of the object, then by key. */
export type Entries = Readonly<Record<string, Readonly<Record<string, string | Uint8Array>>>>;

export interface Beside {
  readonly secrets?: Entries;
  readonly configMaps?: Entries;
  readonly name?: string;
}

const nothing = { live: () => undefined, liveOf: () => [], pods: () => [] };
const permissions = { hostPathPrefixes: ["/"], privilegedExecutor: true, privilegedBuilder: true };

/** The manifests of a Zuul with a tenant file. @throws Blocked, Waiting */
export async function zuulOf(
  spec: Spec,
  { secrets = {}, configMaps = {}, name = "zuul" }: Beside = {},
): Promise<readonly Manifest[]> {
  const zuul = parseZuul({
    apiVersion: zuulDefinition.apiVersion,
    kind: "Zuul",
    metadata: { name, namespace: "default" },
    spec: { scheduler: { config: "tenants" }, database: { mode: "single" }, ...spec },
  });
  const reader = memoryReader({
    secrets,
    configMaps: { tenants: { "main.yaml": "[]" }, ...configMaps },
    standIn: "***",
  });
  const refs = await resolveAll(zuulReferences(zuul), reader);
  const { stages } = synthZuul(zuul, renderZuul(zuul, refs), permissions, nothing);
  return stages.flatMap(({ manifests }) => manifests);
}

/** The manifests of a Pulp. @throws Blocked, Waiting */
export async function pulpOf(
  spec: Spec,
  { secrets = {}, name = "pulp" }: Beside = {},
): Promise<readonly Manifest[]> {
  const pulp = parsePulp({
    apiVersion: "pulpproject.org/v1alpha1",
    kind: "Pulp",
    metadata: { name, namespace: "default" },
    spec: { storage: { filesystem: {} }, ...spec },
  });
  const refs = await resolveAll(pulpReferences(pulp), memoryReader({ secrets, standIn: "***" }));
  const { stages } = synthPulp(pulp, renderPulp(pulp, refs, presentOf(pulp, nothing)));
  return stages.flatMap(({ manifests }) => manifests);
}

/** A file of a Secret or ConfigMap among manifests. @throws Error when it is not there */
export function fileOf(manifests: readonly Manifest[], object: string, key: string): string {
  const found = manifests.find(
    ({ kind, metadata }) => metadata.name === object && /^(Secret|ConfigMap)$/.test(kind),
  );
  const text: unknown = Object(found?.["data"])[key];
  if (found === undefined || typeof text !== "string") throw new Error(`${object} has no file ${key}`);
  return found.kind === "Secret" ? Buffer.from(text, "base64").toString("utf8") : text;
}
