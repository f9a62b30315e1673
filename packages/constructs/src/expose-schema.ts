/** How a user says where a service is reached from outside. Pure. */
import { cel, doc, hostName, map, port } from "@zuul-pulp/k8s-core/crd";
import { z } from "zod";

export type ExposeType = "None" | "ClusterIP" | "NodePort" | "LoadBalancer" | "Ingress" | "Gateway" | "Route";

export interface ExposeSpec {
  readonly type: ExposeType;
  readonly host?: string | undefined;
  readonly tls?: { readonly secretName: string } | undefined;
  readonly className?: string | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly nodePort?: number | undefined;
  readonly loadBalancerClass?: string | undefined;
  readonly loadBalancerSourceRanges?: readonly string[] | undefined;
  readonly externalTrafficPolicy?: "Cluster" | "Local" | undefined;
  /** The Gateway that a route attaches to. */
  readonly gateway?:
    | {
        readonly name: string;
        readonly namespace?: string | undefined;
        readonly sectionName?: string | undefined;
      }
    | undefined;
}

const gateway = z.object({
  name: doc("Name of the Gateway.", z.string().min(1).max(253)),
  namespace: doc(
    "Namespace of the Gateway, which must allow routes from here; absent: this one.",
    z.string().max(63).optional(),
  ),
  sectionName: doc("Listener of the Gateway; absent: all that match.", z.string().max(253).optional()),
});

/** Schema of an `expose` field. @param types the ways that the service offers; the first one is the default */
export function exposeSchema(types: readonly [ExposeType, ...ExposeType[]]): z.ZodType<ExposeSpec> {
  const fields = z.object({
    type: doc(
      "How the service is reached from outside the cluster. A field that the type has no use for is refused.",
      z.enum(types).default(types[0]),
    ),
    host: doc("Host name under which users reach it. Needed by Ingress and Gateway.", hostName().optional()),
    tls: doc(
      "Certificate for the host. Absent: plain HTTP, unless something in front adds TLS.",
      z
        .object({
          secretName: doc("Secret of type kubernetes.io/tls in this namespace.", z.string().min(1).max(253)),
        })
        .optional(),
    ),
    className: doc(
      "Ingress class, for Ingress; absent: the cluster's default.",
      z.string().max(253).optional(),
    ),
    annotations: doc(
      "Annotations of the Ingress or route, or of the Service where there is none.",
      map(z.string().max(4096), { max: 50 }).optional(),
    ),
    nodePort: doc(
      "Port on every node, for NodePort and LoadBalancer; absent: the cluster chooses.",
      port().optional(),
    ),
    loadBalancerClass: doc(
      "Load balancer implementation, for LoadBalancer; absent: the cluster's default.",
      z.string().max(253).optional(),
    ),
    loadBalancerSourceRanges: doc(
      "Address ranges (CIDR) that may connect, for LoadBalancer; absent: all.",
      z.array(z.string().max(64)).max(50).optional(),
    ),
    externalTrafficPolicy: doc(
      "For NodePort and LoadBalancer: `Local` keeps the client's address and uses only nodes with a pod.",
      z.enum(["Cluster", "Local"]).optional(),
    ),
    gateway: doc("Gateway that routes to the service. Needed by type Gateway.", gateway.optional()),
  });
  const withHost = cel(fields, {
    // The server tries the rules on the default `{}` before it fills in the type.
    rule: "!has(self.type) || !(self.type in ['Ingress', 'Gateway']) || has(self.host)",
    message: "host is needed when type is Ingress or Gateway",
    check: ({ type, host }) => (type !== "Ingress" && type !== "Gateway") || host !== undefined,
  });
  return cel(withHost, {
    rule: "!has(self.type) || self.type != 'Gateway' || has(self.gateway)",
    message: "gateway is needed when type is Gateway",
    check: ({ type, gateway }) => type !== "Gateway" || gateway !== undefined,
  });
}
