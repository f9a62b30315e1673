import type { LiveObject } from "@zuul-pulp/k8s-core/model";
import { describe, expect, test } from "vitest";
import { at, manifestsOf, only, web } from "./constructs.builders.ts";
import type { ExposeSpec } from "./expose-schema.ts";
import { exposedUrl } from "./exposed-url.ts";
import { Exposure } from "./exposure.ts";

const ports = [{ name: "http", port: 80, targetPort: "http" }];
const http = [
  { path: "/pulp/content", service: "p-content", port: 24816 },
  { path: "/", service: "p-api", port: 24817 },
];

const exposed = (expose: ExposeSpec) =>
  manifestsOf(
    (scope) => new Exposure(scope, "e", { name: "p", member: web, expose, service: { ports }, http }),
  );

describe("Exposure", () => {
  test("makes a Service alone for the types that need no more", () => {
    for (const type of ["None", "ClusterIP", "NodePort", "LoadBalancer"] as const)
      expect(exposed({ type }).map(({ kind }) => kind)).toEqual(["Service"]);
  });

  test("gives the first port the node port that was asked for", () => {
    const service = only(exposed({ type: "NodePort", nodePort: 30080 }), "Service");
    expect(at(service, "spec")).toMatchObject({
      type: "NodePort",
      ports: [{ port: 80, nodePort: 30080, protocol: "TCP" }],
    });
  });

  test("keeps fields of a load balancer off other types", () => {
    const service = only(exposed({ type: "ClusterIP", loadBalancerClass: "x" }), "Service");
    expect(at(service, "spec")).not.toHaveProperty("loadBalancerClass");
  });

  test.each(["None", "ClusterIP", "NodePort", "LoadBalancer"] as const)(
    "annotates the Service where there is nothing in front of it: %s",
    (type) => {
      const service = only(exposed({ type, annotations: { a: "b" } }), "Service");
      expect(at(service, "metadata.annotations")).toEqual({ a: "b" });
    },
  );

  test("annotates the Ingress, and not the Service behind it", () => {
    const made = exposed({ type: "Ingress", host: "p.example.org", annotations: { a: "b" } });
    expect(at(only(made, "Ingress"), "metadata.annotations")).toEqual({ a: "b" });
    expect(at(only(made, "Service"), "metadata")).not.toHaveProperty("annotations");
  });

  test("routes each path of an Ingress to its Service", () => {
    const ingress = only(
      exposed({ type: "Ingress", host: "p.example.org", tls: { secretName: "tls" } }),
      "Ingress",
    );
    expect(at(ingress, "spec.tls")).toEqual([{ hosts: ["p.example.org"], secretName: "tls" }]);
    expect(at(ingress, "spec.rules.0.http.paths.1")).toEqual({
      path: "/pulp/content",
      pathType: "Prefix",
      backend: { service: { name: "p-content", port: { number: 24816 } } },
    });
  });

  test("is Blocked when an Ingress has no host", () => {
    expect(() => exposed({ type: "Ingress" })).toThrow("expose.host is needed");
  });

  test("attaches to a Gateway without a time limit", () => {
    const route = only(
      exposed({ type: "Gateway", host: "p.example.org", gateway: { name: "edge" } }),
      "HTTPRoute",
    );
    expect(at(route, "spec.parentRefs.0.name")).toBe("edge");
    expect(at(route, "spec.rules.0.timeouts.request")).toBe("0s");
  });

  test("makes a Route for each path", () => {
    const routes = exposed({ type: "Route", host: "p.example.org" }).filter(({ kind }) => kind === "Route");
    expect(routes.map(({ metadata }) => metadata.name)).toEqual([
      "p",
      expect.stringMatching(/^p-pulp-content-[0-9a-f]{8}$/),
    ]);
  });
});

const service = (spec: object, status: object = {}): LiveObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "p", uid: "1", resourceVersion: "1" },
  spec,
  status,
});

describe("exposedUrl()", () => {
  const urlOf = (expose: ExposeSpec, live?: LiveObject, more: { port?: number; nodeAddress?: string } = {}) =>
    exposedUrl({ expose, name: "p", namespace: "ns", port: 80, ...more }, () => live);

  test("is the Service inside the cluster when nothing leads outside", () => {
    expect(urlOf({ type: "None" })).toEqual({ url: "http://p.ns.svc" });
    expect(urlOf({ type: "ClusterIP" }, undefined, { port: 9000 })).toEqual({ url: "http://p.ns.svc:9000" });
  });

  test("waits for the node port and for a node", () => {
    const assigned = service({ ports: [{ nodePort: 31234 }] });
    expect(urlOf({ type: "NodePort" }, assigned)).toEqual({ waitingFor: "a node that runs a pod of p" });
    expect(urlOf({ type: "NodePort" }, undefined, { nodeAddress: "10.0.0.1" })).toEqual({
      waitingFor: "a node port for Service p",
    });
    expect(urlOf({ type: "NodePort" }, assigned, { nodeAddress: "fd00::1" })).toEqual({
      url: "http://[fd00::1]:31234",
    });
    expect(urlOf({ type: "NodePort", host: "n.example.org", nodePort: 30001 })).toEqual({
      url: "http://n.example.org:30001",
    });
  });

  test("waits for the address of a load balancer, and prefers its name", () => {
    expect(urlOf({ type: "LoadBalancer" }, service({}))).toEqual({ waitingFor: "an address for Service p" });
    const ready = service(
      {},
      { loadBalancer: { ingress: [{ hostname: "lb.example.org", ip: "192.0.2.1" }] } },
    );
    expect(urlOf({ type: "LoadBalancer" }, ready)).toEqual({ url: "http://lb.example.org" });
  });

  test("is the host of an Ingress, with the scheme that its certificate gives", () => {
    expect(urlOf({ type: "Ingress", host: "p.example.org" })).toEqual({ url: "http://p.example.org" });
    expect(urlOf({ type: "Ingress", host: "p.example.org", tls: { secretName: "t" } })).toEqual({
      url: "https://p.example.org",
    });
  });

  test("is the host that a Route was admitted with", () => {
    expect(urlOf({ type: "Route" })).toEqual({ waitingFor: "a host for Route p" });
    expect(urlOf({ type: "Route" }, service({}, { ingress: [{ host: "p.apps" }] }))).toEqual({
      url: "https://p.apps",
    });
  });
});
