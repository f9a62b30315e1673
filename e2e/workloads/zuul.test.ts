import { connect } from "node:net";
import { beforeAll, describe, expect, test } from "vitest";
import { namespaces } from "../demo/resources.ts";
import { type Build, json, runJob, type ZuulAddresses } from "../demo/zuul-job.ts";
import { waitFor } from "../wait-for.ts";
import { clusterUnderTest, podUids, type UnderTest, untilReady } from "./cluster-under-test.ts";
import { commitTo, demoGit, demoZuul, holdJob, programsOf, seedOf, zuulKind } from "./zuul-under-test.ts";

describe("a real Zuul", () => {
  let cluster: UnderTest;
  let addresses: ZuulAddresses;

  beforeAll(async () => {
    cluster = await clusterUnderTest();
    addresses = demoZuul(cluster);
  });

  test("lists one running component of every kind", async () => {
    const components = await programsOf(addresses.web);
    for (const kind of ["scheduler", "executor", "merger", "web", "fingergw"]) {
      expect(components[kind], kind).toEqual([expect.objectContaining({ state: "running" })]);
    }
  });

  test("takes up a changed tenant file by one smart-reconfigure, without restarting anything", async () => {
    const before = await podUids(cluster, namespaces.zuul);
    const told = await timesTold();
    const { data } = await cluster.kubectl.get<{ data: { "main.yaml": string } }>(
      "configmap",
      "zuul-yaml",
      namespaces.zuul,
    );
    const second = `- tenant:\n    name: second\n    source:\n      git:\n        config-projects:\n          - project-config: {load-branch: main}\n`;
    try {
      await writeTenantFile(data["main.yaml"] + second);
      await untilTenants("example", "second");
      expect(await timesTold()).toBe(told + 1);
    } finally {
      await writeTenantFile(data["main.yaml"]);
    }
    await untilTenants("example");
    expect(await timesTold()).toBe(told + 2);
    expect(await podUids(cluster, namespaces.zuul)).toEqual(before);
  });

  test("names in its status the project, file and line that Zuul cannot use, until they are mended", async () => {
    const git = demoGit(cluster);
    interface Zuul {
      readonly status?: {
        readonly conditions?: readonly { type: string; status: string; reason: string; message: string }[];
      };
    }
    const configValid = async () =>
      (await cluster.kubectl.get<Zuul>(zuulKind, "zuul", namespaces.zuul)).status?.conditions?.find(
        ({ type }) => type === "ConfigValid",
      );
    const right = await seedOf(git, "zuul.yaml");
    await commitTo(git, "zuul.yaml", `${right}\n- job:\n    parnt: base\n`);
    const line = right.split("\n").length + 1;
    try {
      // The tenant of the test before had an error of its own, which may be told a little longer.
      const wrong = await waitFor({ what: "the error to be told", timeoutMs: 180_000 }, async () => {
        const condition = await configValid();
        return condition?.message.includes("tenant example") === true ? condition : undefined;
      });
      expect(wrong).toMatchObject({ status: "False", reason: "TenantConfigErrors" });
      expect(wrong.message).toContain(`tenant example, sandbox, zuul.yaml (main), line ${line}`);
    } finally {
      await commitTo(git, "zuul.yaml", right);
    }
    await waitFor({ what: "the error to be gone", timeoutMs: 180_000 }, async () =>
      (await configValid())?.status === "True" ? true : undefined,
    );
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
    await untilReady(cluster, zuulKind, "zuul", namespaces.zuul);
    const build: Build = await runJob(addresses, "example", () => undefined);
    expect(build.result).toBe("SUCCESS");
  });

  test("runs a job with two schedulers, executors and mergers", async () => {
    await setCounts(2);
    await untilReady(cluster, zuulKind, "zuul", namespaces.zuul);
    for (const kind of ["scheduler", "executor", "merger"]) await untilState(kind, "running", 2);
    expect((await runJob(addresses, "example", () => undefined)).result).toBe("SUCCESS");
  });

  test("streams a running job's log through the finger gateway, and lets an executor that goes finish it", async () => {
    const { spec } = await cluster.kubectl.get<{
      spec: { clusterIP: string; ports: readonly { port: number }[] };
    }>("service", "zuul-fingergw", namespaces.zuul);
    const executor = (ordinal: number, command: string): Promise<string> =>
      cluster.kubectl(
        "-n",
        namespaces.zuul,
        "exec",
        `zuul-executor-${ordinal}`,
        "--",
        "zuul-executor",
        command,
      );
    // The first one takes no builds, so the one that will go has it.
    await executor(0, "pause");
    await untilState("executor", "paused", 1);
    const job = await holdJob(demoGit(cluster), addresses.web);
    const log = fingerLog(spec.clusterIP, spec.ports[0]?.port ?? 79, job.uuids.get(addresses.web) ?? "");
    await log.until("Wait until somebody lets the job go on");

    await setCounts(1);
    await waitFor({ what: "the second executor to be told to stop", timeoutMs: 180_000 }, async () => {
      const pod = await cluster.kubectl.get<{ metadata: { deletionTimestamp?: string } }>(
        "pod",
        "zuul-executor-1",
        namespaces.zuul,
      );
      return pod.metadata.deletionTimestamp;
    });
    await untilState("executor", "paused", 2);
    await executor(0, "unpause");
    expect(await job.release()).toEqual(["SUCCESS"]);
    expect(await log.all).toMatch(/Wait until somebody lets the job go on/);
    await untilReady(cluster, zuulKind, "zuul", namespaces.zuul);
    await untilState("executor", "running", 1);
  });

  async function writeTenantFile(text: string): Promise<void> {
    const data = { "main.yaml": text };
    const file = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "zuul-yaml" }, data };
    await cluster.kubectl.apply([file], namespaces.zuul);
  }

  async function untilTenants(...expected: readonly string[]): Promise<void> {
    await waitFor({ what: `tenants ${expected.join(", ")}`, timeoutMs: 300_000, everyMs: 1000 }, async () => {
      const tenants = await json<readonly { name: string }[]>(`${addresses.web}/api/tenants`);
      const names = tenants.map(({ name }) => name).toSorted();
      return JSON.stringify(names) === JSON.stringify(expected) ? true : undefined;
    });
  }

  /** How often the scheduler was told to take up its configuration again. */
  async function timesTold(): Promise<number> {
    const log = await cluster.kubectl("-n", namespaces.zuul, "logs", "zuul-scheduler-0", "-c", "reconfigure");
    return log.split("\n").filter((line) => line.startsWith("smart-reconfigure sent")).length;
  }

  /** Schedulers, executors and mergers, as many of each. */
  async function setCounts(count: number): Promise<void> {
    const spec = { scheduler: { count }, executor: { count }, merger: { count } };
    await cluster.kubectl(
      "-n",
      namespaces.zuul,
      "patch",
      zuulKind,
      "zuul",
      "--type=merge",
      "-p",
      JSON.stringify({ spec }),
    );
  }

  async function untilState(kind: string, state: string, count: number): Promise<void> {
    await waitFor({ what: `${count} ${kind} ${state}`, timeoutMs: 300_000 }, async () =>
      (await programsOf(addresses.web))[kind]?.filter((program) => program.state === state).length === count
        ? true
        : undefined,
    );
  }
});

/** What a finger client reads. */
function fingerLog(
  host: string,
  port: number,
  uuid: string,
): { readonly all: Promise<string>; until(words: string): Promise<void> } {
  let text = "";
  const socket = connect(port, host, () => socket.write(`${uuid}\n`));
  const all = new Promise<string>((resolve, reject) => {
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    socket.on("end", () => resolve(text)).on("error", reject);
  });
  return {
    all,
    until: async (words) => {
      await waitFor({ what: `"${words}" in the log`, timeoutMs: 240_000 }, async () =>
        text.includes(words) ? true : undefined,
      );
    },
  };
}
