/// <reference types="node" />
/** For tests: a resource with the Secrets beside it, taken through steps 1 to 4. Offline. */
import type { KeyValues, LiveObject, Manifest, ObjectRef, Plan } from "@zuul-pulp/k8s-core/model";
import { open, redactManifest, resolveAll } from "@zuul-pulp/secret-ref";
import { parseAllDocuments, stringify } from "yaml";
import { type PulpConfig, renderPulp } from "./config.ts";
import type { Process } from "./names.ts";
import { parsePulp, type Pulp } from "./parse.ts";
import { presentOf } from "./present.ts";
import { referencesOf } from "./references.ts";
import { synthPulp } from "./synth.ts";

interface Source {
  readonly kind?: unknown;
  readonly metadata?: { readonly name?: unknown };
  readonly stringData?: Readonly<Record<string, string>>;
}

export interface Rendered {
  readonly pulp: Pulp;
  readonly config: PulpConfig;
  readonly plan: Plan;
}

/** What the cluster holds in a test. */
export interface World {
  readonly objects?: readonly LiveObject[];
  readonly pods?: readonly LiveObject[];
}

/** A spec on top of the smallest one. */
export function pulpWith(
  spec: Readonly<Record<string, unknown>> = {},
  more: Readonly<Record<string, unknown>> = {},
): Source {
  return {
    ...more,
    kind: "Pulp",
    ...{ apiVersion: "pulpproject.org/v1alpha1" },
    metadata: { name: "pulp", ...{ namespace: "default" }, ...Object(more["metadata"]) },
    ...{ spec: { storage: { filesystem: {} }, ...spec } },
  };
}

export function secret(name: string, stringData: Readonly<Record<string, string>>): Source {
  return { kind: "Secret", metadata: { name }, stringData };
}

export const renderYaml = (yaml: string): Promise<Rendered> =>
  renderObjects(parseAllDocuments(yaml).map((document): Source => document.toJS()));

/** Generated values are the name of their Secret and key, so that a test finds where each of them went. */
export async function renderObjects(objects: readonly Source[], world: World = {}): Promise<Rendered> {
  const pulp = parsePulp(objects.find(({ kind }) => kind === "Pulp"));
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  const values = (name: string, entries: readonly (readonly [string, string])[]): KeyValues => ({
    name,
    labels: {},
    entries: new Map(entries.map(([key, text]) => [key, encode(text)])),
  });
  const refs = await resolveAll(referencesOf(pulp), {
    readSecret: async (name) => {
      const found = objects.find(({ kind, metadata }) => kind === "Secret" && metadata?.name === name);
      return found === undefined ? undefined : values(name, Object.entries(found.stringData ?? {}));
    },
    readConfigMap: async () => undefined,
    createSecret: async ({ name, entries }) =>
      values(
        name,
        [...entries.keys()].map((key) => [key, generatedValue(name, key)]),
      ),
    replaceSecret: async (replaced) => replaced,
    now: () => 0,
    standIn: "***",
  });
  const same = (ref: ObjectRef) => (object: LiveObject) =>
    object.kind === ref.kind && object.metadata.name === ref.name;
  const present = presentOf(pulp, {
    live: (ref) => world.objects?.find(same(ref)),
    pods: () => world.pods ?? [],
  });
  const config = renderPulp(pulp, refs, present);
  return { pulp, config, plan: synthPulp(pulp, config) };
}

/** The encryption key must look like one. */
export function generatedValue(name: string, key: string): string {
  return name.endsWith("field-encryption") ? `${"k".repeat(43)}=` : `value of ${name} ${key}`;
}

/** Stages with their gates and manifests, Secrets decoded as keys with `***`: what a reviewer reads. */
export function golden({ stages, notices }: Plan): string {
  const documents = stages.flatMap(({ name, gate, manifests }) => [
    {
      stage: name,
      ...(gate === undefined
        ? {}
        : { gate: { ...gate, until: gate.until.map(({ kind, name: of }) => `${kind} ${of}`) } }),
    },
    ...manifests.map(redacted),
  ]);
  return [...documents, { notices }]
    .map((document) => stringify(document, { lineWidth: 0, aliasDuplicateObjects: false }))
    .join("---\n");
}

const redacted = (manifest: Manifest): Manifest =>
  manifest.kind === "Secret" ? redactManifest(manifest) : manifest;

/** Opened text of one file of a process. */
export function fileOf(
  { processes }: PulpConfig,
  process: Exclude<Process, "password">,
  name = "settings.py",
): string {
  const file = processes[process].files.get(name);
  if (file === undefined)
    throw new Error(`no file ${name}, only ${[...processes[process].files.keys()].join(", ")}`);
  return open(file);
}
