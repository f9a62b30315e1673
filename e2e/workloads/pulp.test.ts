import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { serveFile } from "../demo/pulp-file.ts";
import { namespaces } from "../demo/resources.ts";
import { waitFor } from "../wait-for.ts";
import {
  auditBetween,
  clusterUnderTest,
  isWrite,
  json,
  podUids,
  pulpAccess,
  type UnderTest,
  untilQuiet,
  untilReady,
} from "./cluster-under-test.ts";

const kind = "pulps.pulpproject.org";

describe("a real Pulp", () => {
  let cluster: UnderTest;

  beforeAll(async () => {
    cluster = await clusterUnderTest();
  });

  test("serves a file of 20 MB through the exposed URL with the right checksum", async () => {
    const served = await serveFile(
      await pulpAccess(cluster),
      new Uint8Array(randomBytes(20 * 1024 * 1024)),
      "big.bin",
    );
    expect(served.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test("reports its versions and one online process of each kind", async () => {
    const { url } = await pulpAccess(cluster);
    const status = await json<{
      versions: readonly { component: string }[];
      online_workers: readonly object[];
    }>(`${url}/pulp/api/v3/status/`);
    expect(status.versions.map(({ component }) => component)).toEqual(
      expect.arrayContaining(["core", "file", "container", "python"]),
    );
    expect(status.online_workers.length).toBeGreaterThan(0);
  });

  test("rolls api, content and worker for a setting, and nothing else", async () => {
    const before = await podUids(cluster, namespaces.pulp);
    await patch(cluster, { settings: { ORPHAN_PROTECTION_TIME: 2880 } });
    await untilReady(cluster, kind, "pulp", namespaces.pulp);
    const after = await podUids(cluster, namespaces.pulp);
    const kept = [...after].filter(([uid]) => before.has(uid)).map(([, component]) => component);
    expect(kept.toSorted()).toEqual(["cache", "database", "web"]);
  });

  test("changes the admin password when its Secret changes, without rolling a pod", async () => {
    const before = await podUids(cluster, namespaces.pulp);
    const password = randomBytes(16).toString("hex");
    const data = { password: Buffer.from(password).toString("base64") };
    await cluster.kubectl(
      "-n",
      namespaces.pulp,
      "patch",
      "secret",
      "pulp-admin-password",
      "--type=merge",
      "-p",
      JSON.stringify({ data }),
    );
    const { url } = await pulpAccess(cluster);
    const authorization = `Basic ${Buffer.from(`admin:${password}`).toString("base64")}`;
    const users = await waitFor(
      { what: "the new password to be accepted", timeoutMs: 180_000, everyMs: 1000 },
      () => json<{ count: number }>(`${url}/pulp/api/v3/users/`, { headers: { authorization } }),
    );
    expect(users.count).toBe(1);
    expect(await podUids(cluster, namespaces.pulp)).toEqual(before);
  });

  test("writes nothing over a minute of steady state", async () => {
    await untilReady(cluster, kind, "pulp", namespaces.pulp);
    const { auditLog } = cluster;
    if (auditLog === undefined)
      return expect(process.env["E2E_PROVIDER"], "only native clusters have an audit log").not.toBe("native");
    await untilQuiet(auditLog);
    const from = new Date();
    const until = from.getTime() + 60_000;
    await waitFor(
      { what: "a minute to pass", timeoutMs: 90_000, everyMs: 1000 },
      async () => Date.now() > until || undefined,
    );
    const writes = (await auditBetween(auditLog, from, new Date(until))).filter(isWrite);
    expect(writes.map(({ verb, requestURI }) => `${verb} ${requestURI}`)).toEqual([]);
  });

  test("keeps content, users and keys when the resource is deleted and made again", async () => {
    const access = await pulpAccess(cluster);
    const { fileUrl } = await serveFile(access, new Uint8Array(randomBytes(1024)), "kept.bin");
    const {
      apiVersion,
      kind: resourceKind,
      spec,
    } = await cluster.kubectl.get<{ apiVersion: string; kind: string; spec: object }>(
      kind,
      "pulp",
      namespaces.pulp,
    );
    await cluster.kubectl(
      "-n",
      namespaces.pulp,
      "delete",
      "pulp",
      "pulp",
      "--wait=true",
      "--cascade=foreground",
    );
    await cluster.kubectl.apply(
      [{ apiVersion, kind: resourceKind, metadata: { name: "pulp" }, spec }],
      namespaces.pulp,
    );
    await untilReady(cluster, kind, "pulp", namespaces.pulp);
    const again = await pulpAccess(cluster);
    expect(again.password).toBe(access.password);
    const path = new URL(fileUrl).pathname;
    const answer = await waitFor({ what: "the file to be served again", timeoutMs: 120_000 }, async () => {
      const response = await fetch(`${again.url}${path}`);
      return response.ok ? response : undefined;
    });
    expect((await answer.arrayBuffer()).byteLength).toBe(1024);
  });
});

async function patch({ kubectl }: UnderTest, spec: object): Promise<void> {
  await kubectl(
    "-n",
    namespaces.pulp,
    "patch",
    "pulp",
    "pulp",
    "--type=merge",
    "-p",
    JSON.stringify({ spec }),
  );
}
