import { setTimeout as pause } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { type PulpAccess, pulpClient, serveFile } from "../demo/pulp-file.ts";
import { waitFor } from "../wait-for.ts";
import { clusterUnderTest, imagesUnderTest, podUids, type UnderTest } from "./cluster-under-test.ts";
import { startOrigin, startSync } from "./origin.ts";
import {
  olderPulp,
  olderVersion,
  patchPulp,
  pulpKind,
  readyOf,
  statusOf,
  untilOlder,
  untilReason,
} from "./pulp-under-test.ts";

const { namespace, name } = olderPulp;

describe("an upgrade from an older pulpcore", () => {
  let cluster: UnderTest;
  let access: PulpAccess;
  let content: string;

  beforeAll(async () => {
    cluster = await clusterUnderTest();
    access = await untilOlder(cluster);
    content = (await serveFile(access, new TextEncoder().encode("kept"), "kept.txt")).fileUrl;
  });

  const contentNow = async (): Promise<number> =>
    (await fetch(content, { signal: AbortSignal.timeout(30_000), headers: { connection: "close" } })).status;

  test("begins with the older release, at the address of its load balancer", async () => {
    expect((await statusOf(cluster, olderPulp)).version).toBe(olderVersion);
    expect(access.url).toBe(`http://${cluster.nodeAddress}`);
  });

  test("leaves the old version serving when the migration fails, and says why", async () => {
    const pods = await podUids(cluster, namespace, name);
    // The newer release has a column of this name to add.
    await sql("alter table core_repository add column retain_checkpoints integer");
    await patchPulp(cluster, olderPulp, { version: imagesUnderTest().pulpVersion });
    expect(await untilReason(cluster, olderPulp, "MigrationFailed")).toMatch(
      /to 3\.123\.1 failed: .*column "retain_checkpoints" of relation "core_repository" already exists/,
    );
    expect(readyOf(await statusOf(cluster, olderPulp))?.status).toBe("False");
    expect((await statusOf(cluster, olderPulp)).version).toBe(olderVersion);
    expect(await podUids(cluster, namespace, name)).toEqual(pods);
    expect(await contentNow()).toBe(200);
  });

  test("lets a running task finish, serves content all the time, and says which phase it is in", async () => {
    await sql("alter table core_repository drop column retain_checkpoints");
    const origin = await startOrigin(cluster, namespace);
    const client = pulpClient(access);
    const { task, repository } = await startSync(client, origin, "held");
    const stateOf = async (): Promise<string> => (await client.call<{ state: string }>(task)).state;
    await waitFor({ what: "the task to run", timeoutMs: 200_000, everyMs: 1000 }, async () =>
      (await stateOf()) === "running" ? true : undefined,
    );
    const [worker = ""] = await podsOf("worker");

    const reasons = new Set<string>();
    const statuses: number[] = [];
    const over = new AbortController();
    const watching = repeat(over.signal, 1500, async () => {
      reasons.add(readyOf(await statusOf(cluster, olderPulp))?.reason ?? "");
    });
    const downloading = repeat(over.signal, 200, async () => {
      statuses.push(await contentNow().catch(() => 0));
    });
    try {
      await cluster.kubectl(
        ...["-n", namespace, "annotate", pulpKind, name, "--overwrite"],
        "pulpproject.org/retry-migration=the obstacle is gone",
      );
      // The new version runs everywhere; the old worker is still at its task.
      await waitFor({ what: "the new version", timeoutMs: 600_000, everyMs: 2000 }, async () =>
        (await statusOf(cluster, olderPulp)).version === imagesUnderTest().pulpVersion &&
        (await podsOf("worker")).some((pod) => pod !== worker)
          ? true
          : undefined,
      );
      await waitFor(
        { what: "the old worker to be asked to end", timeoutMs: 400_000, everyMs: 2000 },
        async () => ((await isEnding(worker)) ? true : undefined),
      );
      expect(await stateOf()).toBe("running");
      await origin.release();
      await client.finish(task);
      await untilOlder(cluster);
    } finally {
      over.abort();
      await Promise.all([watching, downloading]);
    }
    expect([...reasons]).toEqual(expect.arrayContaining(["MigrationRunning", "RolloutInProgress", "Ready"]));
    expect(statuses.length).toBeGreaterThan(50);
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    const { latest_version_href } = await client.call<{ latest_version_href: string }>(repository);
    const { content_summary } = await client.call<{
      content_summary: { present: Readonly<Record<string, { count: number }>> };
    }>(latest_version_href);
    expect(content_summary.present["file.file"]?.count).toBe(1);
  });

  test("runs what the migration ran, by digest", async () => {
    const { pinnedImage } = await statusOf(cluster, olderPulp);
    expect(pinnedImage).toMatch(/\/pulp-minimal@sha256:[0-9a-f]{64}$/);
    const images = await cluster.kubectl(
      ...["-n", namespace, "get", "deployments", "-l", `app.kubernetes.io/instance=${name}`, "-o"],
      "jsonpath={range .items[*]}{.metadata.name}={.spec.template.spec.containers[0].image}{'\\n'}{end}",
    );
    for (const daemon of ["api", "content", "worker"])
      expect(images.split("\n")).toContain(`${name}-${daemon}=${pinnedImage}`);
  });

  test("does not go back", async () => {
    await patchPulp(cluster, olderPulp, { version: olderVersion });
    expect(await untilReason(cluster, olderPulp, "DowngradeRefused")).toContain(
      `Cannot go back from pulpcore ${imagesUnderTest().pulpVersion} to ${olderVersion}`,
    );
    expect(await contentNow()).toBe(200);
    await patchPulp(cluster, olderPulp, { version: imagesUnderTest().pulpVersion });
    await untilOlder(cluster);
  });

  async function sql(statement: string): Promise<void> {
    await cluster.kubectl(
      ...["-n", namespace, "exec", `${name}-database-0`, "--"],
      ...["psql", "-q", "-h", "/run/postgresql", "-U", "postgres", "-d", "pulp", "-c", statement],
    );
  }

  async function podsOf(component: string): Promise<readonly string[]> {
    const names = await cluster.kubectl(
      ...["-n", namespace, "get", "pods", "--field-selector=status.phase=Running", "-o", "name"],
      ...["-l", `app.kubernetes.io/instance=${name},app.kubernetes.io/component=${component}`],
    );
    return names.split("\n").filter((line) => line !== "");
  }

  async function isEnding(pod: string): Promise<boolean> {
    const at = await cluster.kubectl(
      "-n",
      namespace,
      "get",
      pod,
      "-o",
      "jsonpath={.metadata.deletionTimestamp}",
    );
    return at !== "";
  }
});

async function repeat(until: AbortSignal, everyMs: number, work: () => Promise<void>): Promise<void> {
  while (!until.aborted) {
    await work();
    await pause(everyMs);
  }
}
