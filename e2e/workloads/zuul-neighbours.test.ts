import { beforeAll, describe, expect, test } from "vitest";
import { namespaces } from "../demo/resources.ts";
import { waitFor } from "../wait-for.ts";
import { clusterUnderTest, json, type UnderTest, untilReady } from "./cluster-under-test.ts";
import {
  bringUpNeighbours,
  changePassword,
  imageUnderAnotherName,
  neighbours,
  outsideDatabase,
} from "./zuul-neighbours.ts";
import {
  type GitServer,
  holdJob,
  objectsOf,
  type PodTimes,
  podsOf,
  programsOf,
  replaced,
  zuulKind,
} from "./zuul-under-test.ts";

/**
 * Beside the demo's Zuul: `trio` in the same namespace, on three ZooKeeper members, and another `zuul` in another
 * namespace, on somebody else's PostgreSQL. One git server triggers both.
 */
describe("Zuuls beside each other", () => {
  const { trio, second } = neighbours;
  let cluster: UnderTest;
  let git: GitServer;
  let webs: { trio: string; second: string };
  let demoBefore: ReadonlyMap<string, PodTimes>;

  beforeAll(async () => {
    cluster = await clusterUnderTest();
    demoBefore = await podsOf(cluster, { namespace: namespaces.zuul, name: "zuul" });
    ({ git, webs } = await bringUpNeighbours(cluster));
  });

  test("run the same commit, and a job goes on while a ZooKeeper member is lost and comes back", async () => {
    const job = await holdJob(git, webs.trio, webs.second);
    const before = await podsOf(cluster, trio);
    await cluster.kubectl("-n", trio.namespace, "delete", "pod", "trio-zookeeper-0");
    await waitFor({ what: "the member to be back", timeoutMs: 180_000 }, async () => {
      const { status } = await cluster.kubectl.get<{ status: { readyReplicas?: number } }>(
        "statefulset",
        "trio-zookeeper",
        trio.namespace,
      );
      const isAnother = replaced(before, await podsOf(cluster, trio)).length === 1;
      return isAnother && status.readyReplicas === 3 ? true : undefined;
    });
    expect(await job.release()).toEqual(["SUCCESS", "SUCCESS"]);
    expect(replaced(before, await podsOf(cluster, trio))).toEqual(["zookeeper"]);
  });

  test("refuse another number of ZooKeeper members, and say what to do instead", async () => {
    const grow = cluster.kubectl.merge(zuulKind, second.name, second.namespace, {
      spec: { zookeeper: { count: 3 } },
    });
    await expect(grow).rejects.toThrow("export the keys");
  });

  test("restart for a rotated secret the programs that use it, and no other", async () => {
    const before = { trio: await podsOf(cluster, trio), second: await podsOf(cluster, second) };
    const restarted = async (): Promise<object> => ({
      trio: replaced(before.trio, await podsOf(cluster, trio)),
      second: replaced(before.second, await podsOf(cluster, second)),
    });
    // A reporter's password is used by schedulers alone, the database's by web servers too.
    const right = { trio: ["scheduler"], second: ["scheduler", "web"] };
    await Promise.all([changePassword(cluster, "trio-mail"), outsideDatabase.rotate(cluster)]);
    await waitFor({ what: "the right pods to be replaced", timeoutMs: 240_000 }, async () => {
      const now = await restarted();
      if (JSON.stringify(now) === JSON.stringify(right)) return true;
      throw new Error(JSON.stringify(now));
    });
    await untilReady(cluster, zuulKind, trio.name, trio.namespace);
    await untilReady(cluster, zuulKind, second.name, second.namespace);
    expect(await restarted()).toEqual(right);
  });

  test("restart for a changed password of the operator's own MariaDB the server and those who log in, no other", async () => {
    const before = await podsOf(cluster, trio);
    await changePassword(cluster, "trio-database-password");
    const right = ["database", "scheduler", "web"];
    await waitFor({ what: "the right pods to be replaced", timeoutMs: 240_000 }, async () => {
      const now = replaced(before, await podsOf(cluster, trio));
      if (JSON.stringify(now) === JSON.stringify(right)) return true;
      throw new Error(now.join(", "));
    });
    await untilReady(cluster, zuulKind, trio.name, trio.namespace);
    expect(replaced(before, await podsOf(cluster, trio))).toEqual(right);
    // Asked of Zuul's web server, which reads builds from the database.
    expect((await json<readonly object[]>(`${webs.trio}/api/tenant/example/builds`)).length).toBeGreaterThan(
      0,
    );
  });

  test("get new images in Zuul's order, executors after the job at hand", async () => {
    const job = await holdJob(git, webs.second);
    const parts = ["executor", "merger", "scheduler", "web", "fingergw"] as const;
    await cluster.kubectl.merge(zuulKind, second.name, second.namespace, {
      spec: Object.fromEntries(parts.map((part) => [part, { image: imageUnderAnotherName(part) }])),
    });
    await waitFor({ what: "the executor to drain", timeoutMs: 240_000 }, async () =>
      (await programsOf(webs.second))["executor"]?.some(({ state }) => state === "paused") ? true : undefined,
    );
    const waiting = await cluster.kubectl.get<{ status: { next?: string } }>(
      zuulKind,
      second.name,
      second.namespace,
    );
    expect(waiting.status.next).toContain("executors to finish their builds");
    expect(await job.release()).toEqual(["SUCCESS"]);
    await untilReady(cluster, zuulKind, second.name, second.namespace);

    const pods = [...(await podsOf(cluster, second)).values()];
    const updated = pods.filter(({ component, image }) => image === imageUnderAnotherName(component));
    expect(updated.map(({ component }) => component).toSorted()).toEqual([...parts].toSorted());
    const started = (component: string): number =>
      pods.find((pod) => pod.component === component)?.created ?? Number.NaN;
    const ready = (component: string): number =>
      pods.find((pod) => pod.component === component)?.ready ?? Number.NaN;
    expect(started("merger")).toBeGreaterThanOrEqual(ready("executor"));
    expect(started("scheduler")).toBeGreaterThanOrEqual(ready("merger"));
    expect(started("web")).toBeGreaterThanOrEqual(ready("scheduler"));
    expect(started("fingergw")).toBeGreaterThanOrEqual(ready("scheduler"));
  });

  test("go without a trace, and the demo's Zuul notices nothing of all this", async () => {
    await Promise.all(
      [trio, second].map(({ namespace, name }) =>
        cluster.kubectl("-n", namespace, "delete", zuulKind, name, "--wait=false"),
      ),
    );
    for (const gone of [trio, second]) {
      await waitFor({ what: `everything of ${gone.name} to be gone`, timeoutMs: 300_000 }, async () => {
        const left = await objectsOf(cluster, gone);
        if (left.length === 0) return true;
        throw new Error(`still there: ${left.join(", ")}`);
      });
    }
    expect(await podsOf(cluster, { namespace: namespaces.zuul, name: "zuul" })).toEqual(demoBefore);
  });
});
