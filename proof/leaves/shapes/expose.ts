/** The fields of an `expose`: who reaches a service from outside restarts nobody, except where the URL is a setting. */
import { type Json, type Leaf, type Leaves, specAt, under } from "../leaf.ts";

/** Fields that only an HTTP route has. */
const gateway = ["gateway.name", "gateway.namespace", "gateway.sectionName"] as const;

export interface ExposeLeavesProps {
  readonly place: string;
  /** Whose pods start again when the public URL changes. */
  readonly onUrl: readonly string[];
  readonly hasIngress: boolean;
  readonly differ?: Readonly<Record<string, Partial<Leaf>>>;
}

export function exposeLeaves({ place, onUrl, hasIngress, differ = {} }: ExposeLeavesProps): Leaves {
  const balancer = { given: specAt(place, { type: "LoadBalancer", host: "one.example.org" }) };
  const http = hasIngress ? { given: specAt(place, { type: "Ingress", host: "one.example.org" }) } : balancer;
  /** Refused, as no type that is offered makes a route of that kind. */
  const unused = (field: string, wrong: Json): Leaf => ({
    to: null,
    rolls: [],
    wrong,
    refusal: `spec.${place}.${field}`,
    noEffect: "no type that is offered makes such a route",
  });
  const leaves: Leaves = {
    type: {
      to: "NodePort",
      rolls: onUrl,
      given: specAt(place, { type: "LoadBalancer", host: "one.example.org" }),
    },
    host: { to: "two.example.org", rolls: onUrl, ...http },
    "tls.secretName": { to: "other", rolls: onUrl, ...http },
    className: hasIngress ? { to: "fast", rolls: [], ...http } : unused("className", "fast"),
    annotations: { to: { "example.org/note": "two" }, rolls: [], ...http },
    nodePort: { to: 30123, rolls: [], ...balancer },
    loadBalancerClass: { to: "fast", rolls: [], ...balancer },
    loadBalancerSourceRanges: { to: ["10.0.0.0/8"], rolls: [], ...balancer },
    externalTrafficPolicy: { to: "Local", rolls: [], ...balancer },
    ...Object.fromEntries(
      gateway.map((path) => [path, { ...unused("gateway", { name: "g" }), at: "gateway" }]),
    ),
  };
  return under(
    place,
    Object.fromEntries(Object.entries(leaves).map(([path, leaf]) => [path, { ...leaf, ...differ[path] }])),
  );
}
