/** Somebody at the cluster who is neither the operator nor a controller of Kubernetes. */
import type { Client, KindSpec } from "@zuul-pulp/k8s-core";
import type { Manifest } from "@zuul-pulp/k8s-core/model";

export const person = { fieldManager: "a-person" };

/** Applies as that person. `namespace` is for a manifest that names none, and for kinds that have one. */
export async function put(
  admin: Client,
  kind: KindSpec,
  manifest: Manifest,
  namespace?: string,
): Promise<void> {
  const where = kind.namespaced ? (manifest.metadata.namespace ?? namespace) : undefined;
  const metadata = { ...manifest.metadata, ...(where === undefined ? {} : { namespace: where }) };
  await admin.apply(kind, where, { ...manifest, metadata }, person);
}
