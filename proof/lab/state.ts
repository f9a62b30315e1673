/** All that one resource is in the cluster, masked so that two runs can be compared. I/O: lists by an administrator. */
import { createHash } from "node:crypto";
import { type Client, kinds, type KindSpec, ownedKinds } from "@zuul-pulp/k8s-core";
import type { LiveObject } from "@zuul-pulp/k8s-core/model";
import { field, word } from "../../e2e/lab/look.ts";
import type { Product } from "../../e2e/lab/product.ts";
import {
  foreignAnnotations,
  jobLabels,
  masking,
  serverMetadata,
  serverSpec,
  withoutHashes,
} from "./masks.ts";

export interface State {
  /** `Deployment @-web` → its masked text. */
  readonly objects: ReadonlyMap<string, string>;
  /** `Secret @-ca` → a hash of its values, of those that were generated. */
  readonly generated: ReadonlyMap<string, string>;
  /** `PersistentVolumeClaim @-storage` → uid, of what holds data. */
  readonly data: ReadonlyMap<string, string>;
  /** Workloads whose controllers have more to do: what they end in is not there yet. */
  readonly rolling: readonly string[];
}

export interface Place {
  readonly admin: Client;
  readonly product: Product;
  readonly namespace: string;
  readonly name: string;
}

export async function stateOf({ admin, product, namespace, name }: Place): Promise<State> {
  const kindsHere = [...product.operator.controllers.flatMap((one) => ownedKinds(one)), product.resource];
  const lists = await Promise.all(kindsHere.map((kind) => listed(admin, kind, namespace)));
  const own = lists.flat().filter((live) => isOf(live, name));
  const made = own.filter((live) => isGenerated(live, product.app));
  const mask = masking({
    name,
    namespace,
    generated: made.flatMap((secret) =>
      valuesOf(secret).map(
        ([key, value]) => [value, `${masked(secret.metadata.name, name)}.${key}`] as const,
      ),
    ),
    nodePorts: own.flatMap(nodePortsOf),
  });
  const uid = own.find((live) => isResource(live) && live.metadata.name === name)?.metadata.uid;
  const id = (live: LiveObject): string => `${live.kind} ${mask(live.metadata.name)}`;
  return {
    objects: new Map(own.map((live) => [id(live), mask(textOf(live, made.includes(live), uid))])),
    rolling: own.filter(isRolling).map(id),
    generated: new Map(made.map((live) => [id(live), hashOf(valuesOf(live))])),
    data: new Map(
      own.filter(({ kind }) => kind === "PersistentVolumeClaim").map((live) => [id(live), live.metadata.uid]),
    ),
  };
}

/** A controller has not seen the last change, or has pods to make, to renew or to end. */
export function isRolling({ kind, metadata, spec, status }: LiveObject): boolean {
  if (kind !== "Deployment" && kind !== "StatefulSet") return false;
  const wanted = field(spec, "replicas") ?? 1;
  const counts = ["replicas", "readyReplicas", "updatedReplicas"].map((member) => field(status, member) ?? 0);
  return (
    field(status, "observedGeneration") !== metadata.generation || counts.some((count) => count !== wanted)
  );
}

/** Removes what a resource leaves behind on purpose, so that the next run begins with nothing. */
export async function sweep({ admin, product, namespace, name }: Place): Promise<void> {
  const live = await admin.get(product.resource, namespace, name);
  if (live !== undefined) await admin.delete(product.resource, namespace, { name, uid: live.metadata.uid });
  for (const kind of [kinds.Secret, kinds.PersistentVolumeClaim])
    for (const left of await listed(admin, kind, namespace))
      if (isOf(left, name))
        await admin.delete(kind, namespace, { name: left.metadata.name, uid: left.metadata.uid });
}

/** What resources that are gone have left for the garbage collector, whose events would still come: `Pod one-web-0`. */
export async function leftovers({
  admin,
  product,
  namespace,
}: Omit<Place, "name">): Promise<readonly string[]> {
  const present = new Set(
    (await listed(admin, product.resource, namespace)).map(({ metadata }) => metadata.name),
  );
  const owned = [...product.operator.controllers.flatMap((one) => ownedKinds(one)), kinds.Pod];
  const children = (await Promise.all(owned.map((kind) => listed(admin, kind, namespace)))).flat();
  return children.flatMap(({ kind, metadata }) => {
    const instance = metadata.labels?.["app.kubernetes.io/instance"];
    return instance === undefined || present.has(instance) ? [] : [`${kind} ${metadata.name}`];
  });
}

async function listed(admin: Client, kind: KindSpec, namespace: string): Promise<readonly LiveObject[]> {
  return (await admin.list(kind, namespace)).items;
}

function isOf({ metadata }: LiveObject, name: string): boolean {
  return (
    new RegExp(`(^|-)${name}(-|$)`).test(metadata.name) ||
    metadata.labels?.["app.kubernetes.io/instance"] === name
  );
}

/** Made by a plain create: everything else of ours is applied. */
function isGenerated(live: LiveObject, manager: string): boolean {
  return (
    live.kind === "Secret" &&
    (live.metadata.managedFields ?? []).some((one) => one.manager === manager && one.operation === "Update")
  );
}

function valuesOf(secret: LiveObject): readonly (readonly [string, string])[] {
  return Object.entries(Object(secret["data"])).map(
    ([key, value]) => [key, Buffer.from(String(value), "base64").toString("utf8")] as const,
  );
}

const masked = (text: string, name: string): string => text.replaceAll(new RegExp(`\\b${name}\\b`, "g"), "@");

function hashOf(values: unknown): string {
  return createHash("sha256").update(JSON.stringify(values)).digest("hex");
}

function nodePortsOf(live: LiveObject): readonly number[] {
  const ports = field(live, "spec", "ports");
  return (Array.isArray(ports) ? ports : []).flatMap((port) => {
    const nodePort = field(port, "nodePort");
    return typeof nodePort === "number" ? [nodePort] : [];
  });
}

/** @param uid of the resource as it is now: what belongs to a former one of the same name is not the same */
function textOf(live: LiveObject, isMade: boolean, uid: string | undefined): string {
  const { kind, metadata, apiVersion: _version, status, ...rest } = live;
  const plain = {
    kind,
    metadata: metadataOf(metadata, uid),
    ...withoutMembers(rest, kind),
    ...(kind === "Secret" ? { data: isMade ? shapes(live) : Object.fromEntries(valuesOf(live)) } : {}),
    ...(isResource(live) ? { status: statusOf(status) } : {}),
  };
  return JSON.stringify(sorted(plain), undefined, 1);
}

/** Volumes are named by hashes over names, and stand in the order of these: with another resource in another order. */
const unordered: readonly string[] = ["volumes", "volumeMounts"];

const isResource = ({ apiVersion }: LiveObject): boolean =>
  /^(zuul-ci\.org|pulpproject\.org)\//.test(apiVersion);

/** Of a generated value only its shape is the same in two runs. */
function shapes(secret: LiveObject): Record<string, string> {
  return Object.fromEntries(
    valuesOf(secret).map(([key, value]) => [key, value === "" ? "empty" : "generated"]),
  );
}

function metadataOf(metadata: LiveObject["metadata"], uid: string | undefined): object {
  const kept = Object.entries(metadata).filter(([member]) => !serverMetadata.has(member));
  return {
    ...Object.fromEntries(kept),
    isDeleting: metadata.deletionTimestamp !== undefined,
    annotations: Object.fromEntries(
      Object.entries(metadata.annotations ?? {}).filter(([key]) => !foreignAnnotations.has(key)),
    ),
    ownerReferences: (metadata.ownerReferences ?? []).map((owner) => ({
      kind: owner.kind,
      name: owner.name,
      controller: owner.controller,
      isPresent: owner.uid === uid,
    })),
  };
}

function withoutMembers(rest: object, kind: string): object {
  const spec: unknown = Reflect.get(rest, "spec");
  if (typeof spec !== "object" || spec === null) return rest;
  const drop = serverSpec.get(kind) ?? [];
  const kept = Object.fromEntries(Object.entries(spec).filter(([member]) => !drop.includes(member)));
  return { ...rest, spec: kind === "Job" ? withoutJobLabels(kept) : kept };
}

function withoutJobLabels(spec: object): object {
  const template = Object(field(spec, "template"));
  const metadata = Object(field(template, "metadata"));
  const labels = Object.fromEntries(
    Object.entries(Object(field(metadata, "labels"))).filter(([key]) => !jobLabels.includes(key)),
  );
  return { ...spec, template: { ...template, metadata: { ...metadata, labels } } };
}

/** Times go, words stay. */
function statusOf(status: unknown): object {
  const conditions = field(status, "conditions");
  const { observedGeneration: _generation, lastHandledReconcileAt: _at, ...rest } = Object(status);
  return {
    ...rest,
    conditions: (Array.isArray(conditions) ? conditions : []).map((one) => ({
      type: word(one, "type"),
      status: word(one, "status"),
      reason: word(one, "reason"),
      message: word(one, "message"),
    })),
  };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, unordered.includes(key) && Array.isArray(one) ? inOrder(one) : sorted(one)]),
  );
}

function inOrder(entries: readonly unknown[]): readonly unknown[] {
  return entries
    .map((entry) => [withoutHashes(JSON.stringify(sorted(entry))), sorted(entry)] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, entry]) => entry);
}

/** What differs, in words; nothing when the two are the same. */
export function differences(wanted: State, found: State): readonly string[] {
  const ids = [...new Set([...wanted.objects.keys(), ...found.objects.keys()])].sort();
  return ids.flatMap((id) => {
    const [before, after] = [wanted.objects.get(id), found.objects.get(id)];
    if (before === after) return [];
    if (before === undefined) return [`${id} is too many`];
    if (after === undefined) return [`${id} is missing`];
    return [`${id}: ${firstDifference(before, after)}`];
  });
}

function firstDifference(before: string, after: string): string {
  const [old, now] = [before.split("\n"), after.split("\n")];
  const at = old.findIndex((line, index) => line !== now[index]);
  const index = at < 0 ? old.length : at;
  return `wanted ${(old[index] ?? "nothing").trim().slice(0, 200)}, found ${(now[index] ?? "nothing").trim().slice(0, 200)}`;
}
