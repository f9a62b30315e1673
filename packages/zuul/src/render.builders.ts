/// <reference types="node" />
/** For tests: a resource with the Secrets and ConfigMaps beside it, taken through steps 1 to 4. Offline. */
import {
  type KeyValues,
  type LiveObject,
  type Manifest,
  objectId,
  type Plan,
  refOf,
} from "@zuul-pulp/k8s-core/model";
import { openBytes, redactManifest, resolveAll, Sealed } from "@zuul-pulp/secret-ref";
import { parseAllDocuments, stringify } from "yaml";
import { renderZuul, type ZuulConfig } from "./config.ts";
import { liveLaunchers } from "./leaving.ts";
import { parseZuul, type Zuul } from "./parse.ts";
import type { ZuulPermissions } from "./permissions.ts";
import { referencesOf } from "./references.ts";
import { type Live, nothingLive } from "./live.ts";
import { synthZuul } from "./synth.ts";
import type { PodFiles } from "./zuul-conf.ts";

export const everything: ZuulPermissions = {
  hostPathPrefixes: ["/"],
  privilegedExecutor: true,
  privilegedBuilder: true,
};

interface Source {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
}

export const zuulWith = (spec: Readonly<Record<string, unknown>>, name = "zuul") => ({
  apiVersion: "zuul-ci.org/v1alpha1",
  kind: "Zuul",
  metadata: { name },
  spec,
});

export interface Rendered {
  readonly zuul: Zuul;
  readonly config: ZuulConfig;
  readonly plan: Plan;
}

export interface World {
  readonly permissions?: ZuulPermissions;
  /** Value of every generated secret; it must appear in no manifest outside of Secrets. */
  readonly generated?: string;
  /** What runs already. Default: nothing. */
  readonly live?: Live | undefined;
}

export function renderYaml(yaml: string, world: World = {}): Promise<Rendered> {
  return renderObjects(
    parseAllDocuments(yaml).map((document) => document.toJS() as Source),
    world,
  );
}

export async function renderObjects(
  objects: readonly Source[],
  { permissions = everything, generated = "generated-value", live = nothingLive }: World = {},
): Promise<Rendered> {
  const zuul = parseZuul(objects.find(({ kind }) => kind === "Zuul"));
  const find =
    (kind: string) =>
    async (name: string): Promise<KeyValues | undefined> => {
      const object = objects.find((candidate) => candidate.kind === kind && candidate.metadata.name === name);
      return object === undefined ? undefined : keyValues(object);
    };
  const launchers = liveLaunchers(live);
  const refs = await resolveAll(referencesOf(zuul, launchers), {
    readSecret: find("Secret"),
    readConfigMap: find("ConfigMap"),
    createSecret: async ({ name, labels, entries }) => ({
      name,
      labels,
      entries: new Map([...entries.keys()].map((key) => [key, new TextEncoder().encode(generated)])),
    }),
    replaceSecret: async (secret) => secret,
    now: () => 0,
    standIn: "***",
  });
  const config = renderZuul(zuul, refs, launchers);
  return { zuul, config, plan: synthZuul(zuul, config, permissions, live) };
}

function keyValues({ kind, metadata, data = {}, stringData = {} }: Source): KeyValues {
  const plain = Object.entries(kind === "Secret" ? stringData : data).map(
    ([key, text]) => [key, Buffer.from(text)] as const,
  );
  const encoded =
    kind === "Secret"
      ? Object.entries(data).map(([key, text]) => [key, Buffer.from(text, "base64")] as const)
      : [];
  return { name: metadata.name, labels: {}, entries: new Map([...encoded, ...plain]) };
}

/** A cluster that holds what a plan says, as far as a line looks at it. */
export function clusterOf({ stages }: Plan): Live {
  const objects = stages
    .flatMap((stage) => stage.manifests)
    .map((manifest): LiveObject => {
      const { name } = manifest.metadata;
      return { ...manifest, metadata: { ...manifest.metadata, uid: name, resourceVersion: "1" } };
    });
  const byId = new Map(objects.map((object) => [objectId(refOf(object)), object]));
  return {
    live: (ref) => byId.get(objectId(ref)),
    liveOf: (kind) => objects.filter((object) => object.kind === kind),
  };
}

/**
 * Stages with their gates and manifests, Secrets as keys with `***`: what a reviewer reads. Of the backing services
 * only kind and name, because `constructs` has goldens of its own for them.
 */
export function golden({ stages, notices }: Plan): string {
  const documents = stages.flatMap(({ name, gate, manifests }) => [
    {
      stage: name,
      ...(gate === undefined
        ? {}
        : { gate: { ...gate, until: gate.until.map(({ kind, name: of }) => `${kind} ${of}`) } }),
      ...backingOf(manifests),
    },
    ...manifests.filter((manifest) => !isBacking(manifest)).map(redacted),
  ]);
  return [...documents, { notices }]
    .map((document) => stringify(document, { lineWidth: 0, aliasDuplicateObjects: false }))
    .join("---\n");
}

function backingOf(manifests: readonly Manifest[]): { readonly backing?: readonly string[] } {
  const backing = manifests.filter(isBacking).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  return backing.length === 0 ? {} : { backing };
}

const isBacking = ({ metadata }: Manifest): boolean =>
  ["zookeeper", "database"].includes(metadata.labels?.["app.kubernetes.io/component"] ?? "");

const redacted = (manifest: Manifest): Manifest =>
  manifest.kind === "Secret" ? redactManifest(manifest) : manifest;

/** Text of one file of a pod, opened. */
export function fileOf({ entries }: PodFiles, name: string): string {
  const entry = entries.get(name);
  if (entry === undefined) throw new Error(`no file ${name}, only ${[...entries.keys()].join(", ")}`);
  return entry instanceof Sealed ? new TextDecoder().decode(openBytes(entry)) : entry;
}
