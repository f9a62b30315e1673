/** A Kubernetes Service; named so because "service" alone means a program here. Pure. */
import type { V1Service } from "@kubernetes/client-node";
import { type Membership, selectorLabels } from "@zuul-pulp/k8s-core/model";
import { Construct } from "constructs";
import { given } from "./given.ts";
import { type Member, objectLabels } from "./member.ts";
import { TypedObject } from "./typed-object.ts";

export interface ServicePort {
  readonly name: string;
  readonly port: number;
  /** Name or number of the container port; default: the port of the same name. */
  readonly targetPort?: string | number;
  /** Default TCP. */
  readonly protocol?: "TCP" | "UDP";
  readonly nodePort?: number | undefined;
  readonly appProtocol?: string;
}

export interface ServiceObjectProps {
  readonly name: string;
  readonly member: Member;
  readonly ports: readonly ServicePort[];
  /** Default ClusterIP. */
  readonly type?: "ClusterIP" | "NodePort" | "LoadBalancer";
  /** No virtual address: DNS answers with the pods. It cannot be switched later. */
  readonly headless?: boolean;
  /** Pods are found before they are ready: members of a quorum need each other for that. */
  readonly publishNotReadyAddresses?: boolean;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /** Pods behind it; default `member`. */
  readonly select?: Membership;
  readonly loadBalancerClass?: string | undefined;
  readonly loadBalancerSourceRanges?: readonly string[] | undefined;
  readonly externalTrafficPolicy?: "Cluster" | "Local" | undefined;
}

export class ServiceObject extends Construct {
  constructor(scope: Construct, id: string, props: ServiceObjectProps) {
    super(scope, id);
    const {
      name,
      member,
      type = "ClusterIP",
      headless = false,
      publishNotReadyAddresses,
      select = member,
    } = props;
    new TypedObject(this, "service", {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, labels: objectLabels(member), annotations: { ...props.annotations } },
      spec: {
        type,
        selector: selectorLabels(select),
        ports: props.ports.map(portManifest),
        ...(headless ? { clusterIP: "None" } : {}),
        ...given({
          publishNotReadyAddresses,
          loadBalancerClass: type === "LoadBalancer" ? props.loadBalancerClass : undefined,
          loadBalancerSourceRanges:
            type === "LoadBalancer" && props.loadBalancerSourceRanges
              ? [...props.loadBalancerSourceRanges]
              : undefined,
          externalTrafficPolicy: type === "ClusterIP" ? undefined : props.externalTrafficPolicy,
        }),
      },
    } satisfies V1Service);
  }
}

function portManifest({ name, port, targetPort, protocol, nodePort, appProtocol }: ServicePort) {
  return {
    name,
    port,
    targetPort: targetPort ?? name,
    protocol: protocol ?? "TCP",
    ...given({ nodePort, appProtocol }),
  };
}
