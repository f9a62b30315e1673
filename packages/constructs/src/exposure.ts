/** Makes a service reachable in the way that its `expose` field says. Pure. */
import type { V1Ingress } from "@kubernetes/client-node";
import { Blocked, childName, type Membership } from "@zuul-pulp/k8s-core/model";
import { Construct } from "constructs";
import type { ExposeSpec } from "./expose-schema.ts";
import { given } from "./given.ts";
import { type Member, objectLabels } from "./member.ts";
import { ServiceObject, type ServicePort } from "./service-object.ts";
import { TypedObject } from "./typed-object.ts";

/** One row of the path table: everything below `path` goes to that Service. */
export interface HttpPath {
  readonly path: string;
  readonly service: string;
  readonly port: number;
}

export interface ExposureProps {
  /** Name of the Service and of the Ingress or route. */
  readonly name: string;
  readonly member: Member;
  readonly expose: ExposeSpec;
  /** The Service, made for every type; its first port gets `nodePort`. Absent: `http` names Services of others. */
  readonly service?: { readonly select?: Membership; readonly ports: readonly ServicePort[] };
  /** For Ingress, Gateway and Route. A longer path wins, whatever the order. */
  readonly http?: readonly HttpPath[];
}

/** @throws Blocked `InvalidSpec` when the type needs a field that is not set */
export class Exposure extends Construct {
  constructor(scope: Construct, id: string, props: ExposureProps) {
    super(scope, id);
    const { name, member, expose, service, http = [] } = props;
    if (service !== undefined) new ServiceObject(this, "service", serviceProps(props, service));
    const paths = [...http].sort((a, b) => (a.path < b.path ? -1 : 1));
    switch (expose.type) {
      case "None":
      case "ClusterIP":
      case "NodePort":
      case "LoadBalancer":
        return;
      case "Ingress":
        new TypedObject(this, "ingress", ingress(name, member, expose, paths));
        return;
      case "Gateway":
        new TypedObject(this, "route", httpRoute(name, member, expose, paths));
        return;
      case "Route":
        for (const path of paths)
          new TypedObject(this, `route-${path.path}`, openShiftRoute(name, member, expose, path));
        return;
      default:
        expose.type satisfies never;
    }
  }
}

function serviceProps(
  { name, member, expose }: ExposureProps,
  service: NonNullable<ExposureProps["service"]>,
) {
  const { type, nodePort, annotations, loadBalancerClass, loadBalancerSourceRanges, externalTrafficPolicy } =
    expose;
  const isOutward = type === "NodePort" || type === "LoadBalancer";
  const isRouted = type === "Ingress" || type === "Gateway" || type === "Route";
  const ports = service.ports.map((port, index) =>
    index === 0 && isOutward ? { ...port, ...given({ nodePort }) } : port,
  );
  return {
    name,
    member,
    ports,
    type: isOutward ? type : ("ClusterIP" as const),
    ...given({ select: service.select }),
    ...(isRouted ? {} : { annotations }),
    ...(isOutward ? { loadBalancerClass, loadBalancerSourceRanges, externalTrafficPolicy } : {}),
  };
}

function ingress(name: string, member: Member, expose: ExposeSpec, paths: readonly HttpPath[]) {
  const host = needed(expose.host, "expose.host", "Ingress");
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name, labels: objectLabels(member), annotations: { ...expose.annotations } },
    spec: {
      ...given({ ingressClassName: expose.className }),
      ...(expose.tls === undefined ? {} : { tls: [{ hosts: [host], secretName: expose.tls.secretName }] }),
      rules: [
        {
          host,
          http: {
            paths: paths.map(({ path, service, port }) => ({
              path,
              pathType: "Prefix",
              backend: { service: { name: service, port: { number: port } } },
            })),
          },
        },
      ],
    },
  } satisfies V1Ingress;
}

/** TLS ends at the Gateway's listener. Uploads and downloads may take long, so there is no time limit. */
function httpRoute(name: string, member: Member, expose: ExposeSpec, paths: readonly HttpPath[]) {
  const host = needed(expose.host, "expose.host", "Gateway");
  const gateway = needed(expose.gateway, "expose.gateway", "Gateway");
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: { name, labels: objectLabels(member), annotations: { ...expose.annotations } },
    spec: {
      parentRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", ...given(gateway) }],
      hostnames: [host],
      rules: paths.map(({ path, service, port }) => ({
        matches: [{ path: { type: "PathPrefix", value: path } }],
        backendRefs: [{ group: "", kind: "Service", name: service, port, weight: 1 }],
        timeouts: { request: "0s" },
      })),
    },
  };
}

/** A Route knows one path, hence one object for each. Without a host the cluster assigns one to `/`. */
function openShiftRoute(name: string, member: Member, expose: ExposeSpec, { path, service, port }: HttpPath) {
  const slow = { "haproxy.router.openshift.io/timeout": "180s" };
  return {
    apiVersion: "route.openshift.io/v1",
    kind: "Route",
    metadata: {
      name: routeName(name, path),
      labels: objectLabels(member),
      annotations: { ...slow, ...expose.annotations },
    },
    spec: {
      ...given({ host: expose.host }),
      path,
      to: { kind: "Service", name: service, weight: 100 },
      port: { targetPort: port },
      tls: { termination: "edge", insecureEdgeTerminationPolicy: "Redirect" },
      wildcardPolicy: "None",
    },
  };
}

/** Name of the Route for one path; that of `/` is the plain name. */
export function routeName(name: string, path: string): string {
  return path === "/" ? name : childName([name, path]);
}

function needed<T>(value: T | undefined, field: string, type: string): T {
  if (value === undefined) throw new Blocked("InvalidSpec", `${field} is needed when expose.type is ${type}`);
  return value;
}
