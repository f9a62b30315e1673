/** The one URL under which users reach a service, or what it still waits for. Pure. */
import type { LiveObject, ObjectRef } from "@zuul-pulp/k8s-core/model";
import type { ExposeSpec } from "./expose-schema.ts";

export interface ExposedProps {
  readonly expose: ExposeSpec;
  /** Name of the Exposure, and so of its Service. */
  readonly name: string;
  readonly namespace: string;
  /** Port of that Service. */
  readonly port: number;
  /** The program itself speaks TLS. Default: `expose.tls` is set. */
  readonly isSecure?: boolean;
  /** Address of a node, for NodePort without `expose.host`; such a URL changes when the pod moves. */
  readonly nodeAddress?: string | undefined;
}

export type ExposedUrl = { readonly url: string } | { readonly waitingFor: string };

/** No trailing slash, and no port that the scheme implies. @param live the object as the cluster holds it, from cache */
export function exposedUrl(
  props: ExposedProps,
  live: (ref: ObjectRef) => LiveObject | undefined,
): ExposedUrl {
  const { expose, name, namespace, port, isSecure = expose.tls !== undefined, nodeAddress } = props;
  const scheme = isSecure ? "https" : "http";
  const service = () => record(live({ apiVersion: "v1", kind: "Service", name }));
  switch (expose.type) {
    case "None":
    case "ClusterIP":
      return { url: urlOf(scheme, expose.host ?? `${name}.${namespace}.svc`, port) };
    case "NodePort": {
      const host = expose.host ?? nodeAddress;
      if (host === undefined) return { waitingFor: `a node that runs a pod of ${name}` };
      const assigned = expose.nodePort ?? record(list(record(service()["spec"])["ports"])[0])["nodePort"];
      if (typeof assigned !== "number") return { waitingFor: `a node port for Service ${name}` };
      return { url: urlOf(scheme, host, assigned) };
    }
    case "LoadBalancer": {
      const host = expose.host ?? firstAddress(service());
      return host === undefined
        ? { waitingFor: `an address for Service ${name}` }
        : { url: urlOf(scheme, host, port) };
    }
    case "Ingress":
    case "Gateway":
      // A listener of the Gateway may add TLS, which only `tls` tells us.
      if (expose.host === undefined) return { waitingFor: "expose.host" };
      return { url: `${expose.tls === undefined ? "http" : "https"}://${expose.host}` };
    case "Route": {
      const host =
        expose.host ?? admittedHost(live({ apiVersion: "route.openshift.io/v1", kind: "Route", name }));
      return host === undefined ? { waitingFor: `a host for Route ${name}` } : { url: `https://${host}` };
    }
    default:
      return expose.type satisfies never;
  }
}

function urlOf(scheme: "http" | "https", host: string, port: number): string {
  const shown = host.includes(":") ? `[${host}]` : host;
  return port === (scheme === "https" ? 443 : 80) ? `${scheme}://${shown}` : `${scheme}://${shown}:${port}`;
}

function firstAddress(service: Fields): string | undefined {
  const first = record(list(record(record(service["status"])["loadBalancer"])["ingress"])[0]);
  return text(first["hostname"]) ?? text(first["ip"]);
}

function admittedHost(route: unknown): string | undefined {
  return text(record(list(record(record(route)["status"])["ingress"])[0])["host"]);
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

const record = (value: unknown): Fields => (isFields(value) ? value : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;
