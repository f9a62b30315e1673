import { assert, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { anyConfig, configText } from "./nodepool.builders.ts";
import { drainingShard } from "./nodepool-draining.ts";
import { shardNodepool } from "./nodepool.ts";
import { readYaml } from "./yaml-read.ts";

const jsonOf = (text: string): Record<string, unknown> =>
  JSON.parse(JSON.stringify(readYaml(text, "nodepool.yaml")));

const cloud = `
labels: [{name: small, min-ready: 3}]
diskimages: [{name: ubuntu}]
providers:
- name: vexx
  cloud: vexx
  diskimages: [{name: ubuntu}]
  pools: [{name: main, max-servers: 10, labels: [{name: small, diskimage: ubuntu}]}]
`;

describe("drainingShard()", () => {
  test("takes no request any more and keeps no idle node", () => {
    const [shard] = shardNodepool(cloud).shards;
    expect(jsonOf(drainingShard(shard?.text ?? ""))).toMatchObject({
      labels: [{ name: "small", "min-ready": 0, "max-ready-age": 1 }],
      providers: [{ name: "vexx", pools: [{ name: "main", "max-servers": 0 }] }],
    });
  });

  test("lets static nodes go by naming none", () => {
    const text = `labels: [{name: a}]\nproviders: [{name: s, driver: static, pools: [{name: m, nodes: [{name: n, labels: a}]}]}]`;
    expect(jsonOf(drainingShard(text))["providers"]).toEqual([
      { name: "s", driver: "static", pools: [{ name: "m", "max-servers": 0, nodes: [] }] },
    ]);
  });

  test("changes nothing the second time, and is cut to the same shard again", () => {
    assert(
      property(anyConfig(), (config) => {
        for (const { id, text } of shardNodepool(configText(config)).shards) {
          const once = drainingShard(text);
          expect(drainingShard(once)).toBe(once);
          expect(shardNodepool(once).shards.map((shard) => [shard.id, shard.text])).toEqual([[id, once]]);
        }
      }),
    );
  });
});

describe("shardNodepool() with a provider that has left", () => {
  test("leaves it to builders without images, until it is back", () => {
    const [shard] = shardNodepool(cloud).shards;
    const leaving = [drainingShard(shard?.text ?? "")];
    const gone = shardNodepool("diskimages: [{name: ubuntu}]", { leaving });
    expect(gone.shards).toEqual([]);
    expect(jsonOf(gone.builder?.text ?? "")["providers"]).toEqual([
      { name: "vexx", cloud: "vexx", diskimages: [], pools: [] },
    ]);
    expect(shardNodepool(cloud, { leaving }).builder?.text).toBe(shardNodepool(cloud).builder?.text);
  });
});
