/** Storage as specs have it, and volume claims made from it. Pure. */
import type { V1PersistentVolumeClaim, V1PersistentVolumeClaimSpec } from "@kubernetes/client-node";
import { cel, doc, immutable, quantity } from "@zuul-pulp/k8s-core/crd";
import { Construct } from "constructs";
import { z } from "zod";
import { given } from "./given.ts";
import { type Member, podLabels } from "./member.ts";
import { TypedObject } from "./typed-object.ts";

export type AccessMode = "ReadWriteOnce" | "ReadWriteOncePod" | "ReadWriteMany";

export interface Storage {
  readonly size: string;
  readonly storageClassName?: string | undefined;
  readonly accessMode?: AccessMode | undefined;
}

/** Schema of a `storage` field. @param size default, a Kubernetes quantity */
export function storageSchema({ size }: { readonly size: string }): z.ZodType<Storage> {
  const growing = cel(quantity(), {
    // A bare number of bytes is left to the server of volumes, which refuses to shrink as well.
    rule: "type(self) != string || type(oldSelf) != string || quantity(self).compareTo(quantity(oldSelf)) >= 0",
    message: "a volume cannot shrink",
    // The parser sees no old value.
    check: () => true,
  });
  const fields = z.object({
    size: doc(
      "Size of the volume. It may grow where the storage class allows it; it cannot shrink.",
      growing.prefault(size),
    ),
    storageClassName: doc(
      "Storage class; absent: the cluster's default. It cannot change later.",
      z.string().max(253).optional(),
    ),
  });
  return immutable(fields, "storageClassName", "the storage class of a volume cannot change");
}

/** The access mode defaults to ReadWriteOnce, which every storage class offers. */
export function claimSpec({ size, storageClassName, accessMode }: Storage): V1PersistentVolumeClaimSpec {
  return {
    accessModes: [accessMode ?? "ReadWriteOnce"],
    resources: { requests: { storage: size } },
    ...given({ storageClassName }),
  };
}

export interface PersistentClaimProps {
  readonly name: string;
  readonly member: Member;
  readonly storage: Storage;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/** A volume claim of its own name. Claims hold data by nature: they are never pruned (model, `retainedKinds`). Pure. */
export class PersistentClaim extends Construct {
  constructor(scope: Construct, id: string, { name, member, storage, annotations }: PersistentClaimProps) {
    super(scope, id);
    new TypedObject(this, "claim", {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      // As in a claim template: whoever makes it first, the operator or the StatefulSet's controller, makes the same one.
      metadata: { name, labels: podLabels(member), ...given({ annotations }) },
      spec: claimSpec(storage),
    } satisfies V1PersistentVolumeClaim);
  }
}
