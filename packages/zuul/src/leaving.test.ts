/// <reference types="node" />
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { promisify } from "node:util";
import {
  type Applied,
  type LiveObject,
  type Manifest,
  objectId,
  observe,
  refOf,
} from "@zuul-pulp/k8s-core/model";
import { describe, expect, test } from "vitest";
import { drainedScript, leavingAnnotation } from "./leaving.ts";
import { clusterOf, fileOf, type Rendered, renderObjects, zuulWith } from "./render.builders.ts";
import type { Live } from "./live.ts";
import { statusOf } from "./status.ts";

const run = promisify(execFile);

const both = `
labels: [{name: small, min-ready: 1}, {name: metal}]
diskimages: [{name: bookworm}]
providers:
  - {name: cloud, cloud: x, diskimages: [{name: bookworm}],
     pools: [{name: main, max-servers: 5, labels: [{name: small, diskimage: bookworm, min-ram: 1}]}]}
  - {name: rack, driver: static, pools: [{name: main, nodes: [{name: n1, labels: [metal]}]}]}
`;
const rackOnly =
  "labels: [{name: metal}]\ndiskimages: [{name: bookworm}]\nproviders:\n" +
  both.slice(both.indexOf("  - {name: rack"));

/** With what an earlier pass left in the cluster: its objects, and its Secrets as the next one reads them. */
function render(file: string, before?: Rendered, more: object = {}, isReady = true): Promise<Rendered> {
  const launchers = (before?.config.nodepool.launchers ?? []).map(({ id, files }) => ({
    kind: "Secret",
    metadata: { name: `zuul-nodepool-launcher-${id}-config` },
    stringData: { "nodepool.yaml": fileOf(files, "nodepool.yaml") },
  }));
  return renderObjects(
    [
      { kind: "ConfigMap", metadata: { name: "tenants" }, data: { "main.yaml": "[]" } },
      { kind: "ConfigMap", metadata: { name: "pools" }, data: { "nodepool.yaml": file } },
      ...launchers,
      zuulWith({
        scheduler: { config: "tenants" },
        database: { mode: "single" },
        launcher: { config: "pools", ...more },
        builder: { config: "pools" },
      }),
    ],
    { live: before === undefined ? undefined : clusterWith(before, isReady) },
  );
}

const liveObject = (manifest: Manifest, readyReplicas: number): LiveObject => ({
  ...manifest,
  metadata: { ...manifest.metadata, uid: manifest.metadata.name, resourceVersion: "1" },
  status: { replicas: 1, readyReplicas, updatedReplicas: 1 },
});

/** Deployments as their controller reports them. */
function clusterWith({ plan }: Rendered, isReady: boolean): Live {
  const cluster = clusterOf(plan);
  const reported = (object: LiveObject): LiveObject => liveObject(object, isReady ? 1 : 0);
  return { live: cluster.live, liveOf: (kind) => cluster.liveOf(kind).map(reported) };
}

const deployments = ({ plan }: Rendered): readonly Manifest[] =>
  plan.stages
    .flatMap(({ manifests }) => manifests)
    .filter(({ kind, metadata }) => kind === "Deployment" && metadata.name.includes("nodepool-launcher"));
const leaving = (rendered: Rendered): readonly (string | undefined)[] =>
  deployments(rendered).map(({ metadata }) => metadata.annotations?.[leavingAnnotation]);

describe("a provider that leaves nodepool.yaml", () => {
  test("keeps its launcher, which takes no request and deletes what is idle", async () => {
    const before = await render(both);
    const after = await render(rackOnly, before);
    expect(deployments(before)).toHaveLength(2);
    expect(leaving(after)).toEqual(["cloud", undefined]);
    const [cloud] = after.config.nodepool.launchers;
    expect(cloud && fileOf(cloud.files, "nodepool.yaml")).toMatch(/max-servers: 0/);
    expect(cloud && fileOf(cloud.files, "nodepool.yaml")).toMatch(/max-ready-age: 1/);
    expect(deployments(after)[1]).toEqual(deployments(before)[1]);
  });

  test("stays known to builders, which delete its images", async () => {
    const after = await render(rackOnly, await render(both));
    const file = after.config.nodepool.builder && fileOf(after.config.nodepool.builder, "nodepool.yaml");
    expect(file).toMatch(/name: cloud/);
  });

  test("goes when its launcher says that nothing is left, and not before", async () => {
    const draining = await render(rackOnly, await render(both));
    expect(leaving(await render(rackOnly, draining, {}, false))).toEqual(["cloud", undefined]);
    expect(leaving(await render(rackOnly, draining))).toEqual([undefined]);
  });

  test("is what the status speaks of meanwhile", async () => {
    const { zuul, plan } = await render(rackOnly, await render(both));
    const objects = plan.stages.flatMap(({ name: stage, manifests }) =>
      manifests.map((manifest) => {
        const isOut = manifest.metadata.annotations?.[leavingAnnotation] !== undefined;
        return [
          objectId(refOf(manifest)),
          { ref: refOf(manifest), stage, outcome: "unchanged", live: liveObject(manifest, isOut ? 0 : 1) },
        ] as const;
      }),
    );
    const applied: Applied = {
      __brand: "Applied",
      plan,
      objects: new Map(objects.filter(([, { ref }]) => ref.name.includes("nodepool-launcher"))),
      pods: [],
      pruned: [],
    };
    const { waiting } = statusOf(zuul, observe(applied, undefined));
    expect(waiting?.reason).toBe("ProviderLeaving");
    expect(waiting?.message).toContain('provider "cloud", which has left nodepool.yaml');
  });

  test("is served again when it comes back", async () => {
    const before = await render(both);
    const back = await render(both, await render(rackOnly, before));
    expect(deployments(back)).toEqual(deployments(before));
  });

  test("goes at once where the resource says so", async () => {
    expect(leaving(await render(rackOnly, await render(both), { drain: false }))).toEqual([undefined]);
  });
});

describe("drainedScript", () => {
  /** @returns exit code and words of the script against a launcher that answers with these rows */
  async function ask(pages: Readonly<Record<string, readonly object[]>>): Promise<string> {
    const server = createServer((request, answer) => answer.end(JSON.stringify(pages[request.url ?? ""])));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    try {
      const argv = ["-c", drainedScript, `http://127.0.0.1:${port}`, "cloud", ...Object.keys(pages)];
      return await run("python3", argv).then(
        () => "drained",
        ({ stderr }: { stderr: string }) => stderr.trim(),
      );
    } finally {
      server.close();
    }
  }

  test("counts the provider's nodes and images, and no other's", async () => {
    const other = { provider: "rack", user_data: null };
    expect(await ask({ "/node-list": [other], "/image-list": [] })).toBe("drained");
    expect(await ask({ "/node-list": [other, { provider: "cloud" }], "/image-list": [] })).toBe(
      "left of provider cloud: /node-list 1, /image-list 0",
    );
    expect(await ask({ "/node-list": [], "/image-list": [{ provider: "cloud" }] })).toContain(
      "/image-list 1",
    );
  });

  test("waits for the nodes behind those of a metastatic provider", async () => {
    const behind = { provider: "rack", user_data: '{"owner": "NodePool:metastatic:cloud"}' };
    expect(await ask({ "/node-list": [behind] })).toContain("/node-list 1");
    expect(await ask({ "/node-list": [{ provider: "rack", user_data: '"text"' }] })).toBe("drained");
  });

  test("fails while the launcher does not answer", async () => {
    expect(
      await run("python3", ["-c", drainedScript, "http://127.0.0.1:1", "cloud", "/node-list"]).catch(
        ({ code }: { code: number }) => code,
      ),
    ).toBe(1);
  });
});
