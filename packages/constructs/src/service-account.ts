/** A service account without any Kubernetes right: it only carries annotations, such as a cloud role. Pure. */
import type { V1ServiceAccount } from "@kubernetes/client-node";
import { Construct } from "constructs";
import { type Member, objectLabels } from "./member.ts";
import { TypedObject } from "./typed-object.ts";

export interface ServiceAccountProps {
  readonly name: string;
  readonly member: Member;
  readonly annotations?: Readonly<Record<string, string>>;
}

export class ServiceAccountObject extends Construct {
  constructor(scope: Construct, id: string, { name, member, annotations = {} }: ServiceAccountProps) {
    super(scope, id);
    new TypedObject(this, "account", {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name, labels: objectLabels(member), annotations: { ...annotations } },
      automountServiceAccountToken: false,
    } satisfies V1ServiceAccount);
  }
}
