import { describe, expect, test } from "vitest";
import { manifestsOf, only } from "./constructs.builders.ts";
import { synthesize, synthesizeStages } from "./synthesize.ts";
import { TypedObject } from "./typed-object.ts";

const configMap = (name: string, data: Record<string, string> = { a: "1" }) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name },
  data,
});

describe("synthesize()", () => {
  test("stamps the namespace and keeps the order in which objects were made", () => {
    const manifests = manifestsOf((scope) => {
      new TypedObject(scope, "z", configMap("second-in-name"));
      new TypedObject(scope, "a", configMap("first-in-name"));
    });
    expect(manifests.map(({ metadata }) => metadata.name)).toEqual(["second-in-name", "first-in-name"]);
    expect(manifests.map(({ metadata }) => metadata.namespace)).toEqual(["ns", "ns"]);
  });

  test("names never follow from the construct path", () => {
    const [here] = manifestsOf((scope) => new TypedObject(scope, "here", configMap("files")));
    const [there] = manifestsOf((scope) => new TypedObject(scope, "there", configMap("files")));
    expect(there).toEqual(here);
  });

  test("refuses two objects of one kind and name, also across stages", () => {
    const build = (id: string) => (scope: import("constructs").Construct) => {
      new TypedObject(scope, id, configMap("files"));
    };
    expect(() =>
      manifestsOf((scope) => {
        build("a")(scope);
        build("b")(scope);
      }),
    ).toThrow("v1/ConfigMap/files");
    const stages = ["a", "b"].map((name) => ({ name, build: build(name) }));
    expect(() => synthesizeStages(stages, { namespace: "ns" })).toThrow("v1/ConfigMap/files");
  });

  test("refuses an object without a name", () => {
    expect(() => manifestsOf((scope) => new TypedObject(scope, "x", configMap("")))).toThrow("has no name");
  });

  test("turns stringData into data, because a removed key would otherwise stay", () => {
    const secret = only(
      manifestsOf((scope) => {
        const stringData = { token: "tökén" };
        new TypedObject(scope, "s", {
          apiVersion: "v1",
          kind: "Secret",
          metadata: { name: "s" },
          stringData,
        });
      }),
      "Secret",
    );
    expect(secret["data"]).toEqual({ token: Buffer.from("tökén").toString("base64") });
    expect(secret).not.toHaveProperty("stringData");
  });

  test("drops empties and nulls of built-in kinds, but not those that mean something", () => {
    const [pod] = manifestsOf((scope) => {
      const spec = {
        tolerations: [],
        nodeSelector: {},
        priority: null,
        volumes: [{ name: "tmp", emptyDir: {} }],
      };
      new TypedObject(scope, "p", {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "p", labels: {} },
        spec,
      });
    });
    expect(pod).toEqual({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "p", namespace: "ns" },
      spec: { volumes: [{ name: "tmp", emptyDir: {} }] },
    });
  });

  test("keeps a rule without members, which allows everything", () => {
    const [policy] = manifestsOf((scope) => {
      const spec = { podSelector: {}, policyTypes: ["Ingress"], ingress: [{}] };
      new TypedObject(scope, "n", {
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: { name: "n" },
        spec,
      });
    });
    expect(policy?.["spec"]).toEqual({ podSelector: {}, policyTypes: ["Ingress"], ingress: [{}] });
  });

  test("leaves objects of other operators as they are written", () => {
    const [cluster] = manifestsOf((scope) => {
      const spec = { pxc: {}, list: [] };
      new TypedObject(scope, "c", {
        apiVersion: "pxc.percona.com/v1",
        kind: "X",
        metadata: { name: "c" },
        spec,
      });
    });
    expect(cluster?.["spec"]).toEqual({ list: [], pxc: {} });
  });

  test("strips the path hash that cdk8s-plus puts on pods", () => {
    const [deployment] = manifestsOf((scope) => {
      const template = { metadata: { labels: { "cdk8s.io/metadata.addr": "c8", app: "x" } } };
      new TypedObject(scope, "d", {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "d" },
        spec: { template },
      });
    });
    expect(deployment?.["spec"]).toEqual({ template: { metadata: { labels: { app: "x" } } } });
  });

  test("gives the same bytes whatever the order of keys", () => {
    const one = synthesize((scope) => new TypedObject(scope, "c", configMap("c", { a: "1", b: "2" })), {
      namespace: "n",
    });
    const two = synthesize((scope) => new TypedObject(scope, "c", configMap("c", { b: "2", a: "1" })), {
      namespace: "n",
    });
    expect(JSON.stringify(two)).toBe(JSON.stringify(one));
  });
});
