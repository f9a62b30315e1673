/**
 * How a spec points to a Secret or ConfigMap of its own namespace. There is no namespace field, on purpose.
 * Pure.
 */
import { doc } from "@zuul-pulp/k8s-core/crd";
import { z } from "zod";

export interface SecretRef {
  readonly secretName: string;
  readonly key?: string | undefined;
}

/** A bare string is the name of a ConfigMap, as the original proposal writes it. */
export type ConfigRef =
  | string
  | { readonly configMapName: string; readonly key?: string | undefined }
  | SecretRef;

export type Source = { readonly secretName: string } | { readonly configMapName: string };

/**
 * Names are only limited in length here: one that Kubernetes can never hold (`gerritSecrets`) is accepted by
 * the schema, because the answer of `resolveAll` explains it and a schema's pattern would not.
 */
const objectName = () => z.string().min(1).max(253);
const entryKey = (what: string) => doc(`Key inside the ${what}.`, z.string().min(1).max(253).optional());

/**
 * `{secretName, key?}`; what an absent key means is said by the field that uses it. Unknown members are
 * refused.
 */
export function secretRef() {
  return z.strictObject({
    secretName: doc("Name of a Secret in the same namespace.", objectName()),
    key: entryKey("Secret"),
  });
}

/** A ConfigMap by bare name, or `{configMapName, key?}`, or `{secretName, key?}`. */
export function configRef() {
  return z.union([
    objectName(),
    z.strictObject({
      configMapName: doc("Name of a ConfigMap in the same namespace.", objectName()),
      key: entryKey("ConfigMap"),
    }),
    secretRef(),
  ]);
}

/** The object and the key that a config reference names; to be spread into a `Reference`. */
export function configSource(ref: ConfigRef): { readonly source: Source; readonly key?: string } {
  if (typeof ref === "string") return { source: { configMapName: ref } };
  const source = "secretName" in ref ? { secretName: ref.secretName } : { configMapName: ref.configMapName };
  return ref.key === undefined ? { source } : { source, key: ref.key };
}
