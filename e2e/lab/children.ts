/** Objects of one resource, as a person or a neighbour meets them: what there is, what may be compared, what is edited. */
import { type Client, isAnswer, kinds, type KindSpec, ownedKinds } from "@zuul-pulp/k8s-core";
import type { OperatorDefinition } from "@zuul-pulp/k8s-core/cli";
import { isRetained, type LiveObject, type Manifest } from "@zuul-pulp/k8s-core/model";
import { field } from "./look.ts";

export interface Child {
  readonly kind: KindSpec;
  readonly live: LiveObject;
}

/** Every object that bears the resource's labels, of all kinds that the operator owns. */
export async function childrenOf(
  admin: Client,
  { controllers }: OperatorDefinition,
  namespace: string,
  instance: string,
): Promise<readonly Child[]> {
  const labels = { "app.kubernetes.io/instance": instance };
  const owned = [...new Map(controllers.flatMap(ownedKinds).map((kind) => [kind.plural, kind])).values()];
  const found = await Promise.all(
    owned.map(async (kind) =>
      (await admin.list(kind, namespace, { labels })).items.map((live) => ({ kind, live })),
    ),
  );
  return found.flat();
}

export const isHeadless = ({ kind, live }: Child): boolean =>
  kind === kinds.Service && field(live, "spec", "clusterIP") === "None";

/** One child of each kind, and a headless Service beside one with an address. */
export function oneOfEach(children: readonly Child[]): readonly Child[] {
  return [
    ...new Map(
      children.map((child) => [`${child.kind.kind}${isHeadless(child) ? ", headless" : ""}`, child]),
    ).values(),
  ];
}

/** What holds data is for a person to restore, and is not expected back with what was in it. */
export const mayBeDeleted = ({ live }: Child): boolean => !isRetained(live);

/** A generated Secret is made once, a Job is named by what it does, a claim only grows: all else is kept as we applied it. */
export const isKeptAsApplied = ({ kind, live }: Child, manager: string): boolean =>
  kind !== kinds.Job &&
  kind !== kinds.PersistentVolumeClaim &&
  (live.metadata.managedFields ?? []).some(
    (entry) => entry.manager === manager && entry.operation === "Apply" && (entry.subresource ?? "") === "",
  );

/** Assigned by the cluster, or different in each process that generates keys. */
const assigned = new Set([
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "managedFields",
  "status",
  "clusterIP",
  "clusterIPs",
  "nodePort",
  "healthCheckNodePort",
  "volumeName",
  "batch.kubernetes.io/controller-uid",
  "controller-uid",
  "deployment.kubernetes.io/revision",
  "pv.kubernetes.io/bind-completed",
  "pv.kubernetes.io/bound-by-controller",
  "volume.kubernetes.io/selected-node",
  "volume.kubernetes.io/storage-provisioner",
  "volume.beta.kubernetes.io/storage-provisioner",
]);

/** Each child as text that is equal for two resources that differ in their name and in generated values only. */
export function shapeOf(children: readonly Child[], instance: string): readonly string[] {
  const shapes = children
    .filter(({ kind }) => kind !== kinds.Pod)
    .map(({ kind, live }) => {
      const masked = JSON.stringify(live, (name, value: unknown) =>
        assigned.has(name)
          ? undefined
          : name === "data" && kind === kinds.Secret
            ? Object.keys(Object(value)).sort()
            : name === "volumes" || name === "volumeMounts"
              ? inOrder(value, instance)
              : value,
      );
      const owners = live.metadata.ownerReferences?.length ?? 0;
      // A hash over a generated value, or over a name.
      const text = masked.replaceAll(instance, "NAME").replaceAll(/\b[0-9a-f]{8,64}\b/g, "HASH");
      return `${kind.kind} ${owners} ${text}`;
    });
  return shapes.sort();
}

/** Volumes are sent in the order of their names, and those are hashes over names. */
function inOrder(value: unknown, instance: string): unknown {
  if (!Array.isArray(value)) return value;
  const key = (one: unknown): string =>
    JSON.stringify({ ...Object(one), name: "" }).replaceAll(instance, "NAME");
  return value.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** Another object like this child, that nobody wants: it has its labels and the same owner. */
export function strayOf({ kind, live }: Child, owner: object): Manifest {
  const { apiVersion, metadata, status: _status, ...rest } = live;
  const spec = Object(rest["spec"]);
  const { clusterIP: _ip, clusterIPs: _ips, volumeName: _volume, selector, template, ...kept } = spec;
  const isJob = kind === kinds.Job;
  const isClaim = kind === kinds.PersistentVolumeClaim;
  const pod = isJob ? { template: { spec: field(template, "spec") } } : template && { template };
  return {
    ...rest,
    apiVersion,
    kind: kind.kind,
    metadata: {
      name: `stray-${kind.plural}`,
      labels: isJob ? plainLabels(metadata.labels ?? {}) : (metadata.labels ?? {}),
      ownerReferences: [owner],
    },
    ...(rest["spec"] === undefined
      ? {}
      : { spec: { ...kept, ...(isJob || isClaim || selector === undefined ? {} : { selector }), ...pod } }),
  } as Manifest;
}

const plainLabels = (labels: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).filter(([name]) => name.startsWith("app.kubernetes.io/")));

/** Deletes an object that may be gone by now. */
export async function deleted(admin: Client, { kind, live }: Child, namespace: string): Promise<void> {
  try {
    await admin.delete(kind, namespace, live.metadata);
  } catch (error) {
    if (!isAnswer(error, "conflict", "absent")) throw error;
  }
}
