/** Thin cover over ApiObject: the manifest reaches the server whole, and its name is always ours. Pure. */
import type { Manifest } from "@zuul-pulp/k8s-core/model";
import { ApiObject } from "cdk8s";
import type { Construct } from "constructs";
import { given } from "./given.ts";

/** Owner references are the operator's to add; everything else of a manifest is in the literal. */
export interface ObjectManifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Omit<Manifest["metadata"], "ownerReferences">;
}

/**
 * One Kubernetes object in the tree. Write the manifest as a literal that `satisfies` its API type; the type is
 * checked there, because level-one classes of cdk8s would drop the fields that they do not know.
 */
export class TypedObject<T extends ObjectManifest = ObjectManifest> extends ApiObject {
  constructor(scope: Construct, id: string, { metadata, ...rest }: T) {
    if (metadata.name === "") throw new Error(`${rest.kind} at ${scope.node.path}/${id} has no name`);
    const { name, namespace, labels = {}, annotations = {} } = metadata;
    super(scope, id, {
      ...rest,
      metadata: { name, labels: { ...labels }, annotations: { ...annotations }, ...given({ namespace }) },
    });
  }
}
