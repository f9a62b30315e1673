import { afterAll, beforeAll, expect, test } from "vitest";
import { type Client, connect, kinds } from "@zuul-pulp/k8s-core";
import { type Cluster, openCluster } from "../cluster/cluster.ts";

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
