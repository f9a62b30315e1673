import { type CrdDefinition, defineCrd, doc, statusSchema } from "@zuul-pulp/k8s-core/crd";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { exposeSchema } from "./expose-schema.ts";
import { podSpecSchema } from "./pod-overrides.ts";
import { storageSchema } from "./storage.ts";

const definition = defineCrd({
  group: "example.org",
  kind: "Toy",
  plural: "toys",
  version: "v1alpha1",
  scope: "Namespaced",
  status: statusSchema(),
  printerColumns: [],
  spec: z.object({
    pod: doc("Pods.", podSpecSchema().optional()),
    storage: doc("Storage.", storageSchema({ size: "5Gi" }).prefault({})),
    expose: doc("Exposure.", exposeSchema(["ClusterIP", "NodePort", "Ingress", "Gateway"]).prefault({})),
  }),
});

const parse = (spec: object) =>
  definition.parse({
    apiVersion: "example.org/v1alpha1",
    kind: "Toy",
    metadata: { name: "toy", namespace: "ns" },
    spec,
  }).spec;

describe("schemas of specs", () => {
  test("fill in what is not said", () => {
    expect(parse({})).toEqual({ storage: { size: "5Gi" }, expose: { type: "ClusterIP" } });
  });

  test("take the overrides that pods may have", () => {
    const pod = {
      resources: { requests: { cpu: 2, memory: "1Gi" } },
      tolerations: [{ key: "ci", operator: "Exists" }],
      affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
      env: [{ name: "TOKEN", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }],
      extraVolumes: [{ name: "ca", mountPath: "/etc/ca", secret: { secretName: "ca" } }],
    };
    expect(parse({ pod })).toMatchObject({
      pod: { ...pod, resources: { requests: { cpu: "2", memory: "1Gi" } } },
    });
  });

  test.each([
    [
      "a volume from two sources",
      { pod: { extraVolumes: [{ name: "v", mountPath: "/v", emptyDir: {}, secret: { secretName: "s" } }] } },
    ],
    ["a volume from nowhere", { pod: { extraVolumes: [{ name: "v", mountPath: "/v" }] } }],
    [
      "a path of the host",
      { pod: { extraVolumes: [{ name: "v", mountPath: "/v", hostPath: { path: "/" } }] } },
    ],
    ["a service account of one's choice", { pod: { serviceAccountName: "admin" } }],
    ["an Ingress without a host", { expose: { type: "Ingress" } }],
    ["a Gateway without a name", { expose: { type: "Gateway", host: "p.example.org" } }],
    ["a type that the service does not offer", { expose: { type: "Route" } }],
  ])("refuse %s", (_, spec) => {
    expect(() => parse(spec)).toThrow();
  });

  test("become a CRD with a default for every section", () => {
    const crd: ReturnType<CrdDefinition["toCrd"]> = definition.toCrd();
    expect(JSON.stringify(crd)).toContain("quantity(self).compareTo(quantity(oldSelf)) >= 0");
  });
});
