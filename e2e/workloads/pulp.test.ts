import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { pulpClient, serveFile } from "../demo/pulp-file.ts";
import { waitFor } from "../wait-for.ts";
import { clusterUnderTest, json, podUids, type UnderTest, untilReady } from "./cluster-under-test.ts";
import { startOrigin, startSync } from "./origin.ts";
import { accessTo, demoPulp, patchPulp, pulpKind, untilReason } from "./pulp-under-test.ts";

const { namespace, name } = demoPulp;

describe("a real Pulp", () => {
  let cluster: UnderTest;

  beforeAll(async () => {
    cluster = await clusterUnderTest();
  });

  test("came up without a restart of any of its containers", async () => {
    const selector = ["-l", `app.kubernetes.io/instance=${name}`];
    const column = '{range .items[*].status.containerStatuses[*]}{.name}={.restartCount}{"\\n"}{end}';
    const all = await cluster.kubectl(
      "-n",
      namespace,
      "get",
      "pods",
      ...selector,
      "-o",
      `jsonpath=${column}`,
    );
    const counts = all.split("\n").filter((line) => line !== "");
    expect(counts.length).toBeGreaterThanOrEqual(6);
    expect(counts.filter((line) => !line.endsWith("=0"))).toEqual([]);
  });

  test("serves a file of 20 MB through the exposed URL with the right checksum", async () => {
    const served = await serveFile(
      await accessTo(cluster, demoPulp),
      new Uint8Array(randomBytes(20 * 1024 * 1024)),
      "big.bin",
    );
    expect(served.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test("reports its versions and one online process of each kind", async () => {
    const { url } = await accessTo(cluster, demoPulp);
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
    const before = await podUids(cluster, namespace, name);
    await patchPulp(cluster, demoPulp, { settings: { ORPHAN_PROTECTION_TIME: 2880 } });
    await untilReady(cluster, pulpKind, name, namespace);
    expect(await keptComponents(before)).toEqual(["cache", "database", "web"]);
  });

  test("rolls nginx alone for its limits, which then hold", async () => {
    const before = await podUids(cluster, namespace, name);
    await patchPulp(cluster, demoPulp, { web: { maxBodySize: "1m" } });
    await untilReady(cluster, pulpKind, name, namespace);
    expect(await keptComponents(before)).toEqual(["api", "cache", "content", "database", "worker"]);
    const upload = async (): Promise<number> => {
      const large = new Uint8Array(randomBytes(2 * 1024 * 1024));
      const access = await accessTo(cluster, demoPulp);
      return serveFile(access, large, "large.bin").then(
        () => 200,
        (error: unknown) => Number(/answered (\d+)/.exec(String(error))?.[1]),
      );
    };
    expect(await upload()).toBe(413);
    await patchPulp(cluster, demoPulp, { web: { maxBodySize: "0" } });
    await untilReady(cluster, pulpKind, name, namespace);
    expect(await upload()).toBe(200);
  });

  test("changes the admin password when its Secret changes, without rolling a pod", async () => {
    const before = await podUids(cluster, namespace, name);
    const password = randomBytes(16).toString("hex");
    const data = { password: Buffer.from(password).toString("base64") };
    await cluster.kubectl.merge("secret", `${name}-admin-password`, namespace, { data });
    const { url } = await accessTo(cluster, demoPulp);
    const authorization = `Basic ${Buffer.from(`admin:${password}`).toString("base64")}`;
    const users = await waitFor(
      { what: "the new password to be accepted", timeoutMs: 180_000, everyMs: 1000 },
      () => json<{ count: number }>(`${url}/pulp/api/v3/users/`, { headers: { authorization } }),
    );
    expect(users.count).toBe(1);
    expect(await podUids(cluster, namespace, name)).toEqual(before);
  });

  test("rolls database, api, content and worker for a changed database password, and nothing else", async () => {
    const before = await podUids(cluster, namespace, name);
    const password = Buffer.from(randomBytes(16).toString("hex")).toString("base64");
    await cluster.kubectl.merge("secret", `${name}-database-password`, namespace, { data: { password } });
    await waitFor({ what: "exactly those pods to be new", timeoutMs: 600_000, everyMs: 2000 }, async () =>
      (await keptComponents(before)).join() === "cache,web" ? true : undefined,
    );
    await untilReady(cluster, pulpKind, name, namespace);
    expect(await keptComponents(before)).toEqual(["cache", "web"]);
    await serveFile(await accessTo(cluster, demoPulp), new Uint8Array(randomBytes(1024)), "rotated.bin");
  });

  test("leaves its volume as it is when another size is asked for that cannot be", async () => {
    const size = (value: string) =>
      patchPulp(cluster, demoPulp, { storage: { filesystem: { size: value } } });
    await size("1Gi");
    expect(await untilReason(cluster, demoPulp, "ShrinkRefused")).toContain(
      "set spec.storage.filesystem.size to 5Gi or more",
    );
    await size("6Gi");
    expect(await untilReason(cluster, demoPulp, "GrowthRefused")).toContain(
      "Cannot grow volume claim pulp-storage from 5Gi to 6Gi: its storage class does not allow it",
    );
    await size("5Gi");
    await untilReady(cluster, pulpKind, demoPulp.name, demoPulp.namespace);
  });

  test("keeps content, users and encrypted remotes when the resource is deleted and made again", async () => {
    const access = await accessTo(cluster, demoPulp);
    const { fileUrl } = await serveFile(access, new Uint8Array(randomBytes(1024)), "kept.bin");
    const origin = await startOrigin(cluster, namespace);
    const { task, repository, remote } = await startSync(pulpClient(access), origin, "open");
    await pulpClient(access).finish(task);
    const alice = { username: `alice-${Date.now()}`, password: randomBytes(12).toString("hex") };
    await pulpClient(access).call("/pulp/api/v3/users/", { ...alice, is_staff: true });

    const { apiVersion, kind, spec } = await cluster.kubectl.get<{
      apiVersion: string;
      kind: string;
      spec: object;
    }>(pulpKind, name, namespace);
    await cluster.kubectl("-n", namespace, "delete", pulpKind, name, "--wait=true", "--cascade=foreground");
    await cluster.kubectl.apply([{ apiVersion, kind, metadata: { name }, spec }], namespace);
    await untilReady(cluster, pulpKind, name, namespace);

    const again = await accessTo(cluster, demoPulp);
    expect(again.password).toBe(access.password);
    const answer = await waitFor({ what: "the file to be served again", timeoutMs: 240_000 }, async () => {
      const response = await fetch(`${again.url}${new URL(fileUrl).pathname}`);
      return response.ok ? response : undefined;
    });
    expect((await answer.arrayBuffer()).byteLength).toBe(1024);
    const statusFor = async (password: string): Promise<number> => {
      const authorization = `Basic ${Buffer.from(`${alice.username}:${password}`).toString("base64")}`;
      return (await fetch(`${again.url}/pulp/api/v3/users/`, { headers: { authorization } })).status;
    };
    // She may not list users; what counts is that Pulp knows her.
    expect([await statusFor(alice.password), await statusFor("wrong")]).toEqual([403, 401]);
    // The origin lets nobody in without the password that the database holds encrypted.
    const client = pulpClient(again);
    await client.finish((await client.call<{ task: string }>(`${repository}sync/`, { remote })).task);
  });

  /** What the status of every Pulp says about its storage, as one text. */
  /** Components of the pods that were there before and still are. */
  async function keptComponents(before: ReadonlyMap<string, string>): Promise<readonly string[]> {
    const after = await podUids(cluster, namespace, name);
    return [...after]
      .filter(([uid]) => before.has(uid))
      .map(([, component]) => component)
      .toSorted();
  }
});
