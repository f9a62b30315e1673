import { execFileSync } from "node:child_process";
import type { Manifest } from "@zuul-pulp/k8s-core/model";
import { Yaml } from "cdk8s";
import type { Construct } from "constructs";
import { describe, expect, test } from "vitest";
import { backingImages } from "./backing-images.ts";
import { CacheSingle } from "./cache-single.ts";
import { at, manifestsOf, only } from "./constructs.builders.ts";
import { mariaDbUri, MariaDbSingle } from "./maria-db-single.ts";
import { componentOf, type Member } from "./member.ts";
import { PostgresSingle } from "./postgres-single.ts";
import { ZooKeeperEnsemble, zooKeeperHosts } from "./zookeeper-ensemble.ts";
import { zooKeeperSecrets } from "./zookeeper-secrets.ts";

const ci: Member = { name: "zuul", instance: "ci", component: "zuul", partOf: "zuul", managedBy: "test" };
const passwordSecret = { name: "ci-db", key: "password" };
const storage = { size: "5Gi" };

const builds: Readonly<Record<string, (scope: Construct) => unknown>> = {
  zookeeper: (scope) =>
    new ZooKeeperEnsemble(scope, "z", {
      name: "ci-zookeeper",
      member: componentOf(ci, "zookeeper", "zookeeper"),
      namespace: "ns",
      count: 3,
      image: backingImages.zookeeper,
      storage,
      serverSecret: "ci-zookeeper-server-tls",
    }),
  mariadb: (scope) =>
    new MariaDbSingle(scope, "m", {
      name: "ci-mariadb",
      member: componentOf(ci, "mariadb", "database"),
      image: backingImages.mariadb,
      storage,
      database: "zuul",
      user: "zuul",
      passwordSecret,
    }),
  postgres: (scope) =>
    new PostgresSingle(scope, "p", {
      name: "ci-postgres",
      member: componentOf(ci, "postgres", "database"),
      image: backingImages.postgres,
      storage,
      database: "pulp",
      user: "pulp",
      passwordSecret,
    }),
  cache: (scope) =>
    new CacheSingle(scope, "c", {
      name: "ci-cache",
      member: componentOf(ci, "cache", "cache"),
      image: backingImages.cache,
      passwordSecret,
    }),
};

const scriptsOf = (manifests: readonly Manifest[]): [string, string][] =>
  Object.entries(at(only(manifests, "ConfigMap"), "data") ?? {}).filter(([name]) => name.endsWith(".sh"));

describe.each(Object.entries(builds))("%s", (name, build) => {
  test("gives the manifests that were reviewed", async () => {
    const text = manifestsOf(build)
      .map((manifest) => Yaml.stringify(manifest))
      .join("---\n");
    await expect(text).toMatchFileSnapshot(`testdata/${name}.yaml`);
  });

  test("has scripts that the shell can read", () => {
    const scripts = scriptsOf(manifestsOf(build));
    expect(scripts.map(([file]) => file)).toEqual(["probe.sh", "start.sh"]);
    for (const [, script] of scripts) execFileSync("sh", ["-n"], { input: script });
  });

  test("starts its own scripts, never an image's entry point", () => {
    const workload = manifestsOf(build).find(({ kind }) => kind === "StatefulSet" || kind === "Deployment");
    expect(at(workload, "spec.template.spec.containers.0.command.1")).toBe("/opt/zuul-pulp/start.sh");
  });

  test("reserves little and limits no processor", () => {
    const workload = manifestsOf(build).find(({ kind }) => kind === "StatefulSet" || kind === "Deployment");
    const resources = at(workload, "spec.template.spec.containers.0.resources");
    expect(Number.parseInt(String(at(resources, "requests.cpu")), 10)).toBeLessThanOrEqual(50);
    expect(resources).not.toHaveProperty("limits");
  });
});

describe("mariaDbUri()", () => {
  test("survives every character of a password", () => {
    const uri = mariaDbUri({
      name: "db",
      namespace: "ns",
      database: "zuul",
      user: "zuul",
      password: "p@ss:/%#?é",
    });
    expect(uri).toBe(
      "mariadb+pymysql://zuul:p%40ss%3A%2F%25%23%3F%C3%A9@db.ns.svc:3306/zuul?charset=utf8mb4",
    );
    expect(decodeURIComponent(new URL(uri).password)).toBe("p@ss:/%#?é");
  });
});

describe("MariaDbSingle", () => {
  test("takes no name into SQL that would need quoting", () => {
    const bad = {
      name: "d",
      member: ci,
      image: "i",
      storage,
      database: "zuul`; DROP",
      user: "zuul",
      passwordSecret,
    };
    expect(() => manifestsOf((scope) => new MariaDbSingle(scope, "m", bad))).toThrow("no plain SQL name");
  });
});

describe("zooKeeperHosts()", () => {
  test("lists every member, so that clients fail over by themselves", () => {
    expect(zooKeeperHosts("ci-zookeeper", "ns", 3)).toBe(
      [0, 1, 2].map((n) => `ci-zookeeper-${n}.ci-zookeeper-nodes.ns.svc:2281`).join(","),
    );
  });
});

describe("zooKeeperSecrets()", () => {
  const { ca, server, client } = zooKeeperSecrets({ name: "ci-zookeeper", member: ci, namespace: "ns" });

  test("covers the names of five members from the beginning, and of everything that clients may dial", () => {
    const names = "dnsNames" in server.make ? server.make.dnsNames : [];
    for (const host of zooKeeperHosts("ci-zookeeper", "ns", 5).split(","))
      expect(names).toContain(host.replace(":2281", ""));
    for (const host of ["ci-zookeeper", "ci-zookeeper.ns.svc.cluster.local", "localhost", "127.0.0.1"])
      expect(names).toContain(host);
  });

  test("keeps the CA, which everything else can be made from again", () => {
    expect([ca.retain, server.retain, client.retain]).toEqual([true, false, false]);
  });
});
