import { connect } from "node:net";
import { beforeAll, describe, expect, test } from "vitest";
import { gitNodePort } from "../demo/git-server.ts";
import { namespaces, zuulWebNodePort } from "../demo/resources.ts";
import { type Build, json, pushCommit, runJob } from "../demo/zuul-job.ts";
import { waitFor } from "../wait-for.ts";
import { clusterUnderTest, podUids, type UnderTest, untilReady } from "./cluster-under-test.ts";

describe("a real Zuul", () => {
  let cluster: UnderTest;
  let addresses: { web: string; git: string };

  beforeAll(async () => {
    cluster = await clusterUnderTest();
    addresses = {
      web: `http://${cluster.nodeAddress}:${zuulWebNodePort}`,
      git: `git://${cluster.nodeAddress}:${gitNodePort}`,
    };
  });

  test("lists one running component of every kind", async () => {
    const components = await json<Record<string, readonly { state: string; version: string }[]>>(
      `${addresses.web}/api/components`,
    );
    for (const kind of ["scheduler", "executor", "merger", "web", "fingergw"]) {
      expect(components[kind], kind).toEqual([expect.objectContaining({ state: "running" })]);
    }
  });

  test("takes up a tenant that was added to the ConfigMap, without restarting anything", async () => {
    const before = await podUids(cluster, namespaces.zuul);
    const { data } = await cluster.kubectl.get<{ data: { "main.yaml": string } }>(
      "configmap",
      "zuul-yaml",
      namespaces.zuul,
    );
    const second = `- tenant:\n    name: second\n    source:\n      git:\n        config-projects:\n          - project-config: {load-branch: main}\n`;
    await cluster.kubectl.apply(
      [
        {
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: "zuul-yaml" },
          data: { "main.yaml": data["main.yaml"] + second },
        },
      ],
      namespaces.zuul,
    );
    await waitFor({ what: "tenant second", timeoutMs: 300_000, everyMs: 1000 }, async () =>
      (await json<readonly { name: string }[]>(`${addresses.web}/api/tenants`)).find(
        ({ name }) => name === "second",
      ),
    );
    expect(await podUids(cluster, namespaces.zuul)).toEqual(before);
  });

  test("puts a deleted executor StatefulSet and web Service back and still runs a job", async () => {
    await cluster.kubectl("-n", namespaces.zuul, "delete", "service", "zuul-web");
    await cluster.kubectl(
      "-n",
      namespaces.zuul,
      "delete",
      "statefulset",
      "zuul-executor",
      "--cascade=orphan",
    );
    await untilReady(cluster, "zuuls.zuul-ci.org", "zuul", namespaces.zuul);
    const build: Build = await runJob(addresses, "example", () => undefined);
    expect(build.result).toBe("SUCCESS");
  });

  test("runs a job with two schedulers, executors and mergers", async () => {
    await cluster.kubectl(
      "-n",
      namespaces.zuul,
      "patch",
      "zuul",
      "zuul",
      "--type=merge",
      "-p",
      JSON.stringify({ spec: { scheduler: { count: 2 }, executor: { count: 2 }, merger: { count: 2 } } }),
    );
    await untilReady(cluster, "zuuls.zuul-ci.org", "zuul", namespaces.zuul);
    const components = await waitFor({ what: "two of each", timeoutMs: 300_000 }, async () => {
      const now = await json<Record<string, readonly { state: string }[]>>(`${addresses.web}/api/components`);
      return ["scheduler", "executor", "merger"].every(
        (kind) => now[kind]?.filter(({ state }) => state === "running").length === 2,
      )
        ? now
        : undefined;
    });
    expect(Object.keys(components)).toContain("scheduler");
    expect((await runJob(addresses, "example", () => undefined)).result).toBe("SUCCESS");
  });

  test("streams the log of a running job through the finger gateway", async () => {
    const { spec } = await cluster.kubectl.get<{
      spec: { clusterIP: string; ports: readonly { port: number }[] };
    }>("service", "zuul-fingergw", namespaces.zuul);
    await pushCommit(addresses);
    const uuid = await waitFor({ what: "a running build", timeoutMs: 120_000, everyMs: 200 }, async () => {
      const status = await json<{ pipelines: readonly object[] }>(
        `${addresses.web}/api/tenant/example/status`,
      );
      return /"uuid":"([0-9a-f]{32})"/.exec(JSON.stringify(status))?.[1];
    });
    const log = await new Promise<string>((resolve, reject) => {
      let text = "";
      const socket = connect(spec.ports[0]?.port ?? 79, spec.clusterIP, () => socket.write(`${uuid}\n`));
      socket.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      socket.on("end", () => resolve(text)).on("error", reject);
    });
    expect(log).toMatch(/hello\.yaml|Say what is built/);
  });
});
