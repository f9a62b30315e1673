/**
 * What may differ between two runs of one scenario, each with its reason. Everything else must be equal. Pure.
 * A mask is added only after two undisturbed runs differed.
 */

export interface Own {
  readonly name: string;
  readonly namespace: string;
  /** Values of generated Secrets, as text, with the Secret and key that they come from. */
  readonly generated: readonly (readonly [string, string])[];
  /** Ports that the server chose. */
  readonly nodePorts: readonly number[];
}

/** With it anybody asks for a pass; its value is echoed in `status.lastHandledReconcileAt`. */
export const requestedAtAnnotation = "operators.zuul-pulp.io/reconcile-requested-at";

/** Members of `metadata` that the server or a controller writes. */
export const serverMetadata: ReadonlyMap<string, string> = new Map([
  ["uid", "random"],
  ["resourceVersion", "a counter of the whole cluster"],
  ["generation", "counts writes, and a repeated write is no other state"],
  ["creationTimestamp", "time"],
  ["deletionTimestamp", "time"],
  ["managedFields", "has times; who owns what is judged by oracle at-rest"],
  ["namespace", "each room has its own"],
]);

/** Annotations that controllers, and this harness, write. */
export const foreignAnnotations: ReadonlyMap<string, string> = new Map([
  ["deployment.kubernetes.io/revision", "counts roll-outs, an interrupted one too"],
  ["pv.kubernetes.io/bind-completed", "the volume controller's own"],
  ["pv.kubernetes.io/bound-by-controller", "the volume controller's own"],
  ["volume.beta.kubernetes.io/storage-provisioner", "the volume controller's own"],
  ["volume.kubernetes.io/storage-provisioner", "the volume controller's own"],
  ["volume.kubernetes.io/selected-node", "the scheduler's own"],
  [requestedAtAnnotation, "this harness asks for a pass with it, and for the answer"],
  ["proof.zuul-pulp.io/touched", "this harness asks for a pass with it that has nothing to write"],
]);

/** Members of a spec that the server fills in, by kind. */
export const serverSpec: ReadonlyMap<string, readonly string[]> = new Map([
  ["Service", ["clusterIP", "clusterIPs"]],
  ["PersistentVolumeClaim", ["volumeName"]],
  ["Job", ["selector"]],
]);

/** Random labels of a Job's pods. */
export const jobLabels: readonly string[] = ["batch.kubernetes.io/controller-uid", "controller-uid"];

const generatedAtLeast = 8;

/** A value as it is, without the line feed at its end, and as JSON writes it. */
function formsOf(value: string): readonly string[] {
  const trimmed = value.trim();
  return [value, trimmed].flatMap((form) => [JSON.stringify(form).slice(1, -1), form]);
}

/** Hashes over generated values: which pods share one is not lost, as they stand at the same place in each run. */
export const withoutHashes = (text: string): string => text.replaceAll(/\b[0-9a-f]{8,64}\b/g, "#");

/** Replaces the run's own names, values and hashes in a text. Built once for a state, as it looks for many values. */
export function masking({ name, namespace, generated, nodePorts }: Own): (text: string) => string {
  const places = new Map<string, string>();
  for (const [value, place] of generated)
    for (const form of formsOf(value)) if (form.length >= generatedAtLeast) places.set(form, `<${place}>`);
  for (const port of nodePorts) places.set(String(port), "<port>");
  places.set(namespace, "NAMESPACE");
  // The longest first: one value may begin with another.
  const forms = [...places.keys()].toSorted((a, b) => b.length - a.length);
  const values = new RegExp(forms.map(escaped).join("|"), "g");
  const names = new RegExp(`\\b${escaped(name)}\\b`, "g");
  return (text) =>
    withoutHashes(text.replaceAll(values, (form) => places.get(form) ?? form)).replaceAll(names, "@");
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
