/** What the engine adds to a manifest before it is sent: namespace, membership, owner. Pure. */
import { labelValue } from "../model/labels.ts";
import type { LiveObject, Manifest, OwnerReference } from "../model/manifest.ts";
import { isRetained, type Plan } from "../model/plan.ts";
import { isSameData } from "../model/recent.ts";

export const managedByLabel = "app.kubernetes.io/managed-by";
export const instanceLabel = "app.kubernetes.io/instance";
export const partOfLabel = "app.kubernetes.io/part-of";

export interface StampProps {
  readonly namespace: string;
  readonly fieldManager: string;
  /** Name of the resource. */
  readonly instance: string;
  readonly deletionPolicy: Plan["deletionPolicy"];
  /** Absent offline: only the cluster knows the uid. */
  readonly owner?: OwnerReference;
}

/** Objects that hold data have no owner, so that they outlive the resource, unless `deletionPolicy: Delete`. */
export function stamped(
  manifest: Manifest,
  { namespace, fieldManager, instance, deletionPolicy, owner }: StampProps,
): Manifest {
  const isOwned = owner !== undefined && (deletionPolicy === "Delete" || !isRetained(manifest));
  const { ownerReferences: _none, ...metadata } = manifest.metadata;
  return {
    ...manifest,
    metadata: {
      ...metadata,
      namespace,
      labels: { [instanceLabel]: labelValue(instance), ...metadata.labels, [managedByLabel]: fieldManager },
      ...(isOwned ? { ownerReferences: [owner] } : {}),
    },
  };
}

const before = new WeakMap<Manifest, { readonly props: StampProps; readonly manifest: Manifest }>();

/** The same, and the same object for the same manifest of a plan: what is known of it need not be found out again. */
export function stampedOnce(raw: Manifest, props: StampProps): Manifest {
  const known = before.get(raw);
  if (known !== undefined && isSameData(known.props, props)) return known.manifest;
  const manifest = stamped(raw, props);
  before.set(raw, { props, manifest });
  return manifest;
}

/** The reference to a live resource. Its uid must come from the server: with a wrong one the child is collected. */
export function ownerOf(resource: LiveObject): OwnerReference {
  const { apiVersion, kind, metadata } = resource;
  return {
    apiVersion,
    kind,
    name: metadata.name,
    uid: metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

export type Belonging =
  | { readonly kind: "ours" }
  /** Of somebody else, who hands it over to the resource. */
  | { readonly kind: "adopted" }
  /** Left over from a resource of the same name: the server is about to collect it. */
  | { readonly kind: "leftover" }
  | { readonly kind: "foreign"; readonly holder: string };

/**
 * Annotation on an existing object: `Kind/name` of the resource that may take it over. On the object and not on the
 * resource, as only who may edit the object can give it away.
 */
export const adoptAnnotation = "operators.zuul-pulp.io/adopt-by";

/** What the annotation must say. */
export const adoptedBy = ({ kind, metadata }: LiveObject): string => `${kind}/${metadata.name}`;

const controllerOf = ({ metadata }: LiveObject): OwnerReference | undefined =>
  metadata.ownerReferences?.find((reference) => reference.controller === true);

function isHeldByStatefulSet(live: LiveObject): boolean {
  return live.kind === "PersistentVolumeClaim" && controllerOf(live)?.kind === "StatefulSet";
}

/** An object has one controller: a claim that its StatefulSet holds is written without naming us beside it. */
export function besideItsOwner(manifest: Manifest, live: LiveObject): Manifest {
  if (!isHeldByStatefulSet(live)) return manifest;
  const { ownerReferences: _ours, ...metadata } = manifest.metadata;
  return { ...manifest, metadata };
}

/** Whether an existing object may be written under this resource. */
export function belongingOf(live: LiveObject, resource: LiveObject, fieldManager: string): Belonging {
  const controller = controllerOf(live);
  if (controller?.uid === resource.metadata.uid) return { kind: "ours" };
  const labels = live.metadata.labels ?? {};
  const isLabelled =
    labels[managedByLabel] === fieldManager && labels[instanceLabel] === labelValue(resource.metadata.name);
  // A StatefulSet of ours takes its claims into its own hands when they are to go with it.
  if (isLabelled && isHeldByStatefulSet(live)) return { kind: "ours" };
  if (controller !== undefined) {
    const isNamesake = controller.kind === resource.kind && controller.name === resource.metadata.name;
    return isNamesake
      ? { kind: "leftover" }
      : { kind: "foreign", holder: `${controller.kind} "${controller.name}"` };
  }
  if (isLabelled) return { kind: "ours" };
  if (live.metadata.annotations?.[adoptAnnotation] === adoptedBy(resource)) return { kind: "adopted" };
  return { kind: "foreign", holder: labels[managedByLabel] ?? "somebody else" };
}
