/** One product's line, offline: a spec goes in, the manifests that would be applied come out. Pure. */
import type { StructuralSchema } from "@zuul-pulp/k8s-core/crd";
import { type LiveObject, type Manifest, objectId, type Plan, refOf } from "@zuul-pulp/k8s-core/model";
import { memoryReader } from "@zuul-pulp/secret-ref/memory";
import type { Spec } from "./leaf.ts";

/** What a pass left behind: what the next one finds. */
export interface World {
  readonly plan: Plan;
  readonly secrets: Readonly<Record<string, Readonly<Record<string, Uint8Array>>>>;
  /** What the operator wrote into the status and reads again. */
  readonly status: Readonly<Record<string, unknown>>;
}

export interface Line {
  readonly kind: "Zuul" | "Pulp";
  readonly name: string;
  readonly leaves: readonly { readonly path: string; readonly type: string }[];
  readonly schema: StructuralSchema;
  /** The resource that all changes begin with. */
  readonly base: Spec;
  /** What the schema alone says. @throws Blocked */
  check(spec: Spec): void;
  /**
   * A first pass, or one over a resource that runs.
   * @param turn what the Secret `turning` holds: its values of before or of after a rotation
   * @throws Blocked, Waiting
   */
  pass(spec: Spec, before?: World, turn?: Turn): Promise<World>;
}

/** The Secret whose values change while its name stays. */
export const turning = "turning";
export type Turn = "one" | "other";

export type Texts = Readonly<Record<string, Readonly<Record<string, string>>>>;

const encoder = new TextEncoder();

/** The user's objects, those that earlier passes made, and for what is generated now a value that tells its place. */
export function readerOf(secrets: Texts, configMaps: Texts, before: World | undefined) {
  const made = new Map(Object.entries(before?.secrets ?? {}));
  const own = manifestsOf(before?.plan)
    .filter(({ kind }) => kind === "Secret")
    .map((manifest) => [manifest.metadata.name, decoded(manifest)] as const);
  const memory = memoryReader({
    secrets: { ...Object.fromEntries([...own, ...made]), ...secrets },
    configMaps,
  });
  const createSecret: typeof memory.createSecret = async (secret) => {
    const entries = new Map([...secret.entries.keys()].map((key) => [key, valueOf(secret.name, key)]));
    made.set(secret.name, Object.fromEntries(entries));
    return { name: secret.name, labels: secret.labels, entries };
  };
  const reader = { ...memory, standIn: "***", createSecret };
  return { reader, made: (): World["secrets"] => Object.fromEntries(made) };
}

/** An encryption key must look like one. */
function valueOf(name: string, key: string): Uint8Array {
  return encoder.encode(name.endsWith("field-encryption") ? `${"k".repeat(43)}=` : `${key} of ${name}`);
}

function decoded(manifest: Manifest): Record<string, Uint8Array> {
  return Object.fromEntries(
    Object.entries(Object(manifest["data"])).map(([key, text]) => [key, Buffer.from(String(text), "base64")]),
  );
}

export const manifestsOf = (plan: Plan | undefined): readonly Manifest[] =>
  (plan?.stages ?? []).flatMap(({ manifests }) => manifests);

/** The cluster as a pass sees it: everything of the pass before is there. */
export function clusterOf(plan: Plan | undefined) {
  const objects = manifestsOf(plan).map(
    (manifest): LiveObject => ({
      ...manifest,
      metadata: { ...manifest.metadata, uid: manifest.metadata.name, resourceVersion: "1" },
    }),
  );
  const byId = new Map(objects.map((object) => [objectId(refOf(object)), object]));
  return {
    live: (ref: Parameters<typeof objectId>[0]) => byId.get(objectId(ref)),
    liveOf: (kind: string) => objects.filter((object) => object.kind === kind),
    pods: (): readonly LiveObject[] => [],
  };
}
