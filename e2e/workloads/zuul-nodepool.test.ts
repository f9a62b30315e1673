import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { fileOf, renderObjects, zuulWith } from "../../packages/zuul/src/render.builders.ts";
import { namespaces } from "../demo/resources.ts";
import { json } from "../demo/zuul-job.ts";
import { waitFor } from "../wait-for.ts";
import { clusterUnderTest, imagesUnderTest, type UnderTest, untilReady } from "./cluster-under-test.ts";
import {
  demoZuul,
  objectsOf,
  type PodTimes,
  podsOf,
  replaced,
  runPython,
  zuulKind,
} from "./zuul-under-test.ts";

const demo = { namespace: namespaces.zuul, name: "zuul" };

/** Static nodes need no cloud: Nodepool registers each with Zuul as it stands in the file. */
function provider(name: string, label: string, ...nodes: readonly string[]): object {
  const listed = nodes.map((node) => ({ name: node, labels: label, "host-key-checking": false }));
  return { name, driver: "static", pools: [{ name: "main", nodes: listed }] };
}

const labels = [{ name: "one" }, { name: "two" }];
const one = provider("rack.one", "one", "10.0.1.1");
const two = provider("rack.two", "two", "10.0.2.1");

const sixProviders = join(import.meta.dirname, "../../packages/config-sharder/src/testdata/nodepool.yaml");

/** Every launcher's file of six providers over four drivers, by its id, and the builders' one. */
async function filesOfSix(): Promise<Readonly<Record<string, string>>> {
  const data = { "nodepool.yaml": await readFile(sixProviders, "utf8") };
  const { config } = await renderObjects([
    { kind: "ConfigMap", metadata: { name: "tenants" }, data: { "main.yaml": "[]" } },
    { kind: "ConfigMap", metadata: { name: "six" }, data },
    zuulWith({
      scheduler: { config: "tenants" },
      database: { mode: "single" },
      launcher: { config: "six" },
      builder: { config: "six" },
    }),
  ]);
  const { launchers, builder } = config.nodepool;
  return Object.fromEntries([
    ...launchers.map(({ id, files }) => [id, fileOf(files, "nodepool.yaml")]),
    ...(builder === undefined ? [] : [["builder", fileOf(builder, "nodepool.yaml")]]),
  ]);
}

/** Reads `{name: file}` and prints `{name: what Nodepool's validator says against it}`. */
const validate = `
import json, subprocess, sys, tempfile
refused = {}
for name, text in json.load(sys.stdin).items():
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        words = ["nodepool", "-c", file.name, "config-validate"]
        answer = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if answer.returncode != 0:
        refused[name] = answer.stdout[-2000:]
json.dump(refused, sys.stdout)
`;

describe("a real Nodepool", () => {
  let cluster: UnderTest;
  /** Zuul's own pods, which none of this may touch. */
  let before: ReadonlyMap<string, PodTimes>;

  beforeAll(async () => {
    cluster = await clusterUnderTest();
    if (imagesUnderTest().prefix !== undefined) await cluster.load(["nodepool"]);
    before = await podsOf(cluster, demo);
  });

  test("runs one launcher per provider and a builder, and Zuul sees their nodes", async () => {
    await writeNodepoolYaml(one, two);
    await patchSpec({
      launcher: { config: "nodepool-yaml" },
      builder: { count: 1, config: "nodepool-yaml", storage: { size: "1Gi" } },
    });
    await untilReady(cluster, zuulKind, demo.name, demo.namespace);
    expect(replaced(before, await podsOf(cluster, demo))).toEqual([
      "nodepool-builder",
      "nodepool-launcher",
      "nodepool-launcher",
    ]);
    await untilNodes("rack.one 10.0.1.1", "rack.two 10.0.2.1");
    await untilLabels("one", "two");
    const identity = "/var/lib/nodepool/images/builder_id.txt";
    // The builder writes it when it is done with reading its configuration.
    const builder = await waitFor({ what: "the builder to name itself", timeoutMs: 180_000 }, () =>
      inside("zuul-nodepool-builder-0", "cat", identity),
    );
    expect(builder).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("accepts the file of every launcher and of the builders, cut from six providers over four drivers", async () => {
    const files = await filesOfSix();
    expect(Object.keys(files)).toHaveLength(7);
    const broken = JSON.stringify({ labels: [{ name: 1 }], providers: [] });
    const pod = { namespace: demo.namespace, pod: "zuul-nodepool-builder-0", container: "nodepool-builder" };
    const answer = await runPython(
      cluster,
      { ...pod, command: "nodepool" },
      validate,
      JSON.stringify({ ...files, broken }),
    );
    const refused = JSON.parse(answer) as Readonly<Record<string, string>>;
    // That it refuses the broken one shows that its silence about the others means something.
    expect(refused).toEqual({ broken: expect.stringContaining("expected str") });
  });

  test("takes up a provider's new node in its own launcher, without restarting any", async () => {
    const pods = await podsOf(cluster, demo);
    const otherFile = await versionOfFile("two");
    await writeNodepoolYaml(provider("rack.one", "one", "10.0.1.1", "10.0.1.2"), two);
    await untilNodes("rack.one 10.0.1.1", "rack.one 10.0.1.2", "rack.two 10.0.2.1");
    expect(replaced(pods, await podsOf(cluster, demo))).toEqual([]);
    expect(await versionOfFile("two")).toBe(otherFile);
  });

  test("keeps the launcher of a removed provider until its last node is gone, and then nothing of it", async () => {
    const pods = await podsOf(cluster, demo);
    const held = (await nodes()).find(({ server_id }) => server_id === "10.0.1.1");
    await inside(await launcher("two"), "nodepool", "hold", String(held?.id));
    await writeNodepoolYaml(two);
    await untilNodes("rack.one 10.0.1.1", "rack.two 10.0.2.1");
    await waitFor({ what: "the status to speak of it", timeoutMs: 180_000 }, async () => {
      const { status } = await cluster.kubectl.get<{ status: { next?: string } }>(
        zuulKind,
        demo.name,
        demo.namespace,
      );
      return status.next?.includes('provider "rack.one", which has left') === true ? true : undefined;
    });

    // Not from the launcher of the node: with its last one it goes, maybe before the command has ended there.
    await inside(await launcher("two"), "nodepool", "delete", String(held?.id));
    await untilNodes("rack.two 10.0.2.1");
    await waitFor({ what: "the launcher to be gone", timeoutMs: 240_000 }, async () => {
      const left = (await objectsOf(cluster, demo)).filter((object) => object.includes("rack-one"));
      if (left.length === 0) return true;
      throw new Error(`still there: ${left.join(", ")}`);
    });
    await untilReady(cluster, zuulKind, demo.name, demo.namespace);
    expect(replaced(pods, await podsOf(cluster, demo))).toEqual([]);
  });

  test("goes with its sections, and Zuul's own pods never restarted", async () => {
    await patchSpec({ launcher: null, builder: null });
    await waitFor({ what: "Nodepool to be gone", timeoutMs: 180_000 }, async () => {
      const left = (await objectsOf(cluster, demo)).filter(
        (object) => object.includes("nodepool") && !object.startsWith("persistentvolumeclaim"),
      );
      if (left.length === 0) return true;
      throw new Error(`still there: ${left.join(", ")}`);
    });
    await untilReady(cluster, zuulKind, demo.name, demo.namespace);
    await untilLabels();
    expect([...(await podsOf(cluster, demo)).keys()].toSorted()).toEqual([...before.keys()].toSorted());
  });

  interface Node {
    readonly id: string;
    readonly provider: string;
    readonly server_id: string;
  }

  /** All that Nodepool holds, as the launcher that stays lists it. */
  async function nodes(): Promise<readonly Node[]> {
    const list = "http://127.0.0.1:8005/node-list";
    const print = `import sys, urllib.request as u
print(u.urlopen(u.Request(sys.argv[1], headers={"Accept": "application/json"})).read().decode())`;
    return JSON.parse(await inside(await launcher("two"), "python3", "-c", print, list)) as readonly Node[];
  }

  /** Waits until Zuul may ask for exactly these labels: it hears of launchers that came or went through ZooKeeper. */
  async function untilLabels(...expected: readonly string[]): Promise<void> {
    await waitFor({ what: `labels ${expected.join(", ") || "none"}`, timeoutMs: 180_000 }, async () => {
      const known = await json<readonly { name: string }[]>(
        `${demoZuul(cluster).web}/api/tenant/example/labels`,
      );
      const seen = known.map(({ name }) => name).toSorted();
      if (JSON.stringify(seen) === JSON.stringify(expected)) return true;
      throw new Error(`seen: ${seen.join(", ")}`);
    });
  }

  async function untilNodes(...expected: readonly string[]): Promise<void> {
    await waitFor({ what: `nodes ${expected.join(", ")}`, timeoutMs: 240_000 }, async () => {
      const seen = (await nodes()).map((node) => `${node.provider} ${node.server_id}`).toSorted();
      if (JSON.stringify(seen) === JSON.stringify(expected)) return true;
      throw new Error(`seen: ${seen.join(", ")}`);
    });
  }

  async function writeNodepoolYaml(...providers: readonly object[]): Promise<void> {
    // JSON is YAML.
    const data = { "nodepool.yaml": JSON.stringify({ labels, providers }) };
    const file = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "nodepool-yaml" }, data };
    await cluster.kubectl.apply([file], demo.namespace);
  }

  async function patchSpec(spec: object): Promise<void> {
    await cluster.kubectl.merge(zuulKind, demo.name, demo.namespace, { spec });
  }

  /** Name of what belongs to one provider's launcher, such as `deployment.apps/zuul-nodepool-launcher-rack-one-…`. */
  async function ofLauncher(kind: string, label: string): Promise<string> {
    const names = await objectsOf(cluster, demo);
    return (
      names.find((name) => name.startsWith(kind) && name.includes(`nodepool-launcher-rack-${label}`)) ?? ""
    );
  }

  const launcher = (label: string): Promise<string> => ofLauncher("deployment", label);

  async function versionOfFile(label: string): Promise<string> {
    const secret = await ofLauncher("secret", label);
    return cluster.kubectl("-n", demo.namespace, "get", secret, "-o", "jsonpath={.metadata.resourceVersion}");
  }

  async function inside(pod: string, ...command: readonly string[]): Promise<string> {
    const answer = await cluster.kubectl("-n", demo.namespace, "exec", pod, "--", ...command);
    return answer.trim();
  }
});
