import { readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, connect as connectTcp, createServer } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Client, connect, kinds } from "@zuul-pulp/k8s-core";
import { parse } from "yaml";
import { type Cluster, openCluster } from "../cluster/cluster.ts";
import { field } from "../lab/look.ts";

let cluster: Cluster;
let client: Client;

beforeAll(async () => {
  cluster = await openCluster({ provider: "native", nodes: "simulated", log: () => undefined });
  ({ client } = await connect({ kubeconfig: cluster.kubeconfig, userAgent: "client-test" }));
});

afterAll(async () => {
  client.close();
  await cluster.down();
});

test("gets the whole answer of each of a thousand creates, eight at a time", async () => {
  const names = Array.from({ length: 1000 }, (_, index) => `made-${index}`);
  const queue = [...names];
  const made: string[] = [];
  const worker = async (): Promise<void> => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      const manifest = { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { name } };
      made.push(
        (await client.create(kinds.ConfigMap, "default", manifest, { fieldManager: "test" })).metadata.name,
      );
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  expect(made.toSorted()).toEqual(names.toSorted());
});

/** Before the server, passing on bytes both ways until it is told to keep what the client says. */
async function openRelay(kubeconfig: string) {
  const text = await readFile(kubeconfig, "utf8");
  const { port } = new URL(String(field(parse(text), "clusters", 0, "cluster", "server")));
  let isMute = false;
  const relay = createServer((outside) => {
    const inside = connectTcp(Number(port), "127.0.0.1");
    inside.pipe(outside);
    outside.on("data", (chunk: Buffer) => isMute || inside.write(chunk));
    outside.on("close", () => inside.destroy());
    outside.on("error", () => inside.destroy());
    inside.on("error", () => outside.destroy());
  });
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
  const here = (relay.address() as AddressInfo).port;
  const through = `${kubeconfig}.relay`;
  await writeFile(through, text.replaceAll(`127.0.0.1:${port}`, `127.0.0.1:${here}`), { mode: 0o600 });
  return {
    kubeconfig: through,
    mute: () => void (isMute = true),
    close: () => void relay.close(),
  };
}

test("lets the server send two megabytes of events before it has to say that it read some", async () => {
  const relay = await openRelay(cluster.kubeconfig);
  const far = await connect({ kubeconfig: relay.kubeconfig, userAgent: "client-test" });
  const name = (index: number): string => `large-${index}`;
  const create = async (index: number, size: number): Promise<void> => {
    const data = { text: "x".repeat(size) };
    const manifest = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: name(index) }, data };
    await client.create(kinds.ConfigMap, "default", manifest, { fieldManager: "test" });
  };
  const { resourceVersion } = await client.list(kinds.ConfigMap, "default");
  const signal = AbortSignal.timeout(120_000);
  const watch = far.client.watch(kinds.ConfigMap, "default", { resourceVersion, timeoutSeconds: 60, signal });
  const seen: string[] = [];
  await create(0, 1);
  for await (const event of watch) {
    if (event.type !== "ADDED") continue;
    seen.push(event.object.metadata.name);
    if (seen.length > 10) break;
    // The watch stands: from now on the server hears nothing of this client, its WINDOW_UPDATEs included.
    if (seen.length === 1) {
      relay.mute();
      for (let index = 1; index <= 10; index += 1) await create(index, 200_000);
    }
  }
  expect(seen).toEqual(Array.from({ length: 11 }, (_, index) => name(index)));
  far.close();
  relay.close();
});
