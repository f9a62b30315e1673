/** `diff -f FILE…`: what the operator would change in the cluster, by server-side dry run, and which pods would restart. */
import { stringify } from "yaml";
import { fields, isFields } from "../json.ts";
import { type KindSpec, kinds } from "../kinds.ts";
import type { Grants } from "../model/grant.ts";
import type { LiveObject, Manifest } from "../model/manifest.ts";
import { labelValue, shortHash } from "../model/labels.ts";
import { ApiError, isAnswer } from "../wire/answer.ts";
import { recreationFor } from "../apply/immutable.ts";
import { isLeftAlone } from "../apply/jobs.ts";
import { instanceLabel, managedByLabel } from "../apply/stamp.ts";
import type { Controller } from "../control/controller.ts";
import { ownedKinds } from "../control/owned.ts";
import { keyValues } from "../control/reads.ts";
import type { Client } from "../wire/client.ts";
import { lineDiff } from "./line-diff.ts";
import type { Elsewhere, Present } from "./offline-io.ts";
import type { OperatorDefinition } from "./operator.ts";
import { renderFiles, type RenderOptions } from "./render.ts";
import { type ConnectionFlags, openSession, type Session } from "./session.ts";
import { paintFor } from "./status-view.ts";

export interface DiffOptions extends Omit<RenderOptions, "output">, ConnectionFlags {
  readonly output?: string;
}

export interface Difference {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  /** `replaced`: a field that cannot change makes the operator delete it and create it anew. */
  readonly outcome: "created" | "configured" | "replaced" | "pruned";
  /** Paths inside the pod template that change: each pod of this object restarts. */
  readonly restartsBecause: readonly string[];
  readonly lines: readonly string[];
}

/** @returns whether there are differences */
export async function diff(
  operator: OperatorDefinition,
  options: DiffOptions,
  grants: Grants,
): Promise<boolean> {
  using session = await openSession(options, `${operator.name}/${operator.version} (diff)`);
  const { client, namespace } = session;
  const elsewhere: Elsewhere = {
    present: (controller, where, name) => presentIn(client, controller, where, name),
    readSecret: async (name: string) => {
      const live = await client.get(kinds.Secret, namespace, name);
      return live === undefined ? undefined : keyValues(live);
    },
    readConfigMap: async (name: string) => {
      const live = await client.get(kinds.ConfigMap, namespace, name);
      return live === undefined ? undefined : keyValues(live);
    },
  };
  const { manifests, warnings, unwanted } = await renderFiles(
    operator,
    { filename: options.filename, namespace },
    grants,
    elsewhere,
  );
  for (const warning of warnings) process.stderr.write(`Warning: ${warning}\n`);
  const found: Difference[] = [];
  for (const manifest of manifests) found.push(...(await differenceOf(session, operator, manifest)));
  found.push(...unwanted.map(prunedOf));
  if (options.output === "json") process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
  else for (const difference of found) process.stdout.write(textOf(difference));
  if (found.length === 0) process.stderr.write(`No differences in ${manifests.length} objects\n`);
  return found.length > 0;
}

/** What the operator would see in its caches. A kind that is not served, or that we may not list, holds nothing. */
async function presentIn(
  client: Client,
  controller: Controller,
  namespace: string,
  name: string,
): Promise<Present> {
  const { resource: kind, fieldManager } = controller;
  const instance = { [instanceLabel]: labelValue(name) };
  const listed = async (of: KindSpec, labels: Readonly<Record<string, string>>) => {
    const metadataOnly = of.kind === "Secret" || of.kind === "ConfigMap";
    try {
      return (await client.list(of, namespace, { labels, metadataOnly })).items;
    } catch (error) {
      if (isAnswer(error, "notServed", "absent", "forbidden")) return [];
      throw error;
    }
  };
  const [resource, pods, ...objects] = await Promise.all([
    client.get(kind, namespace, name).catch((error: unknown) => {
      if (isAnswer(error, "notServed")) return undefined;
      throw error;
    }),
    listed(kinds.Pod, instance),
    ...ownedKinds(controller).map((owned) => listed(owned, { ...instance, [managedByLabel]: fieldManager })),
  ]);
  return { resource, pods, objects: objects.flat() };
}

function prunedOf(live: LiveObject): Difference {
  const { name, namespace = "default" } = live.metadata;
  return { kind: live.kind, name, namespace, outcome: "pruned", restartsBecause: [], lines: [] };
}

async function differenceOf(
  { client }: Session,
  operator: OperatorDefinition,
  manifest: Manifest,
): Promise<readonly Difference[]> {
  const kind = kindOf(operator, manifest);
  const { name, namespace = "default" } = manifest.metadata;
  const about = { kind: manifest.kind, name, namespace };
  const fieldManager = manifest.metadata.labels?.["app.kubernetes.io/managed-by"] ?? operator.name;
  const live = await client.get(kind, namespace, name).catch((error: unknown) => {
    if (isAnswer(error, "notServed")) return undefined;
    throw error;
  });
  const whole = (outcome: "created" | "replaced"): Difference => ({
    ...about,
    outcome,
    restartsBecause: [],
    lines: lineDiff("", yamlOf(manifest)).filter((line) => line !== "- "),
  });
  if (live === undefined) return [whole("created")];
  if (live.kind === "Job" && isLeftAlone(live, await podsBeside(client, live))) return [];
  // What only the cluster knows stays: the owner was stamped with a uid that files do not have.
  const { ownerReferences } = live.metadata;
  const wanted = {
    ...manifest,
    metadata: { ...manifest.metadata, ...(ownerReferences === undefined ? {} : { ownerReferences }) },
  };
  const object = await client
    .apply(kind, namespace, wanted, { fieldManager, dryRun: true })
    .then((applied) => applied.object)
    .catch((error: unknown) => {
      const isAnew = error instanceof ApiError && recreationFor(wanted, live, error.answer) !== "refuse";
      if (!isAnew) throw error;
      return undefined;
    });
  if (object === undefined) return [whole("replaced")];
  const lines = lineDiff(yamlOf(live), yamlOf(object));
  if (lines.length === 0) return [];
  return [
    {
      ...about,
      outcome: "configured",
      restartsBecause: changedPaths(templateOf(live), templateOf(object)),
      lines,
    },
  ];
}

async function podsBeside(client: Client, { metadata }: LiveObject): Promise<readonly LiveObject[]> {
  const labels = { [instanceLabel]: metadata.labels?.[instanceLabel] ?? "" };
  return (await client.list(kinds.Pod, metadata.namespace, { labels })).items;
}

function kindOf({ controllers }: OperatorDefinition, { apiVersion, kind }: Manifest): KindSpec {
  const known = [...controllers.flatMap(({ owns }) => owns), ...Object.values(kinds)];
  const found = known.find((one) => one.apiVersion === apiVersion && one.kind === kind);
  if (found === undefined) throw new Error(`${apiVersion} ${kind} is rendered, but no controller owns it`);
  return found;
}

const serverMembers = ["managedFields", "resourceVersion", "generation", "creationTimestamp", "uid"];

/** Without what the server adds; of a Secret, each value as the hash of itself. */
function yamlOf(object: Manifest | LiveObject): string {
  const { status: _, ...rest } = object;
  const metadata = Object.fromEntries(
    Object.entries(object.metadata).filter(([name]) => !serverMembers.includes(name)),
  );
  const hidden = Object.entries(fields(object["data"])).map(
    ([key, value]) => [key, `*** (${shortHash(String(value))})`] as const,
  );
  const data = object.kind === "Secret" ? { data: Object.fromEntries(hidden) } : {};
  return stringify(
    { ...rest, metadata, ...data },
    { sortMapEntries: true, lineWidth: 0, aliasDuplicateObjects: false },
  );
}

const templateOf = (object: LiveObject): unknown =>
  object.kind === "Deployment" || object.kind === "StatefulSet"
    ? fields(object["spec"])["template"]
    : undefined;

/** Paths of the members that differ, the deepest that both sides have. */
export function changedPaths(before: unknown, after: unknown, path = ""): readonly string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length)
    return before.flatMap((entry, index) => changedPaths(entry, after[index], `${path}[${index}]`));
  if (!isFields(before) || !isFields(after)) return [path];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) =>
    changedPaths(before[name], after[name], path === "" ? name : `${path}.${name}`),
  );
}

function textOf({ kind, name, outcome, restartsBecause, lines }: Difference): string {
  const paint = paintFor(process.stdout);
  const coloured = lines.map((line) =>
    line.startsWith("+") ? paint("green", line) : line.startsWith("-") ? paint("red", line) : line,
  );
  const restart =
    restartsBecause.length === 0 ? [] : [paint("yellow", `its pods restart: ${restartsBecause.join(", ")}`)];
  return `${[`${paint("bold", `${kind} ${name}`)} would be ${outcome}`, ...restart, ...coloured].join("\n")}\n\n`;
}
