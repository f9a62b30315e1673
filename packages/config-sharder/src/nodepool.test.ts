import { assert, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { anyConfig, configText, nodepool, region } from "./nodepool.builders.ts";
import { joinShards, type NodepoolParts, shardNodepool } from "./nodepool.ts";
import { readYaml } from "./yaml-read.ts";
import { YamlMap } from "./yaml-value.ts";

const textsById = ({ shards }: NodepoolParts): ReadonlyMap<string, string> =>
  new Map(shards.map(({ id, text }) => [id, text]));
const jsonOf = (value: unknown): Record<string, unknown> => JSON.parse(JSON.stringify(value));

/** The whole with its three lists ordered by name: what joining promises to give back. */
function ordered(config: YamlMap): unknown {
  const whole = jsonOf(config);
  const byName = (list: unknown): unknown[] =>
    (Array.isArray(list) ? list : []).toSorted((a: { name: string }, b: { name: string }) =>
      a.name < b.name ? -1 : 1,
    );
  return {
    ...whole,
    labels: byName(whole["labels"]),
    diskimages: byName(whole["diskimages"]),
    providers: byName(whole["providers"]),
  };
}

describe("shardNodepool()", () => {
  const dfw = region("rax-dfw", "small", "large");
  const gra = region("ovh.GRA/1", "small");

  test("gives every provider a shard of its own, in stable order, named by a DNS label", () => {
    const { shards, problems } = shardNodepool(nodepool(dfw, gra));
    expect(shards.map(({ id }) => id)).toEqual(["ovh-gra-1-1f4dcc27", "rax-dfw-0135a292"]);
    expect(shards.map(({ provider, driver }) => [provider, driver])).toEqual([
      ["ovh.GRA/1", "openstack"],
      ["rax-dfw", "openstack"],
    ]);
    expect(problems).toEqual([]);
  });

  test("keeps only the labels that the provider itself offers", () => {
    const [ovh] = shardNodepool(nodepool(gra, dfw)).shards;
    expect(ovh?.labels).toEqual(["small"]);
    expect(jsonOf(ovh?.content)["labels"]).toEqual([{ name: "small" }]);
  });

  test("keeps the images of the provider with all their ancestors", () => {
    const images = { base: undefined, minimal: "base", ubuntu: "minimal", centos: "base" };
    const { shards, builder } = shardNodepool(
      configText({ images, providers: [{ name: "a", labels: [], images: ["ubuntu"] }] }),
    );
    expect(shards[0]?.diskimages).toEqual(["base", "minimal", "ubuntu"]);
    expect(builder?.diskimages).toEqual(["base", "centos", "minimal", "ubuntu"]);
  });

  test("finds the labels of static nodes, one or many", () => {
    const text = `
labels: [{name: a}, {name: b}, {name: c}]
providers: [{name: s, driver: static, pools: [{name: main, nodes: [{name: n1, labels: a}, {name: n2, labels: [b]}]}]}]`;
    expect(shardNodepool(text).shards[0]?.labels).toEqual(["a", "b"]);
  });

  test.each([
    ["a name that Nodepool would turn into its test driver", "{name: fake-cloud}", /begin with "fake"/],
    ["an unknown driver", "{name: p, driver: vmware}", /unknown driver/],
    [
      "a label that the file does not have",
      "{name: p, pools: [{name: main, labels: [{name: gone}]}]}",
      /offers "gone"/,
    ],
    ["an image that the file does not have", "{name: p, diskimages: [{name: gone}]}", /needs "gone"/],
    ["an image that is its own ancestor", "{name: p, diskimages: [{name: loop}]}", /its own ancestor/],
    ["no name", "{driver: static}", /providers\[1\] has no name/],
    ["a name twice", "{name: p}\n- {name: p}", /2 times/],
  ])("keeps the shards of others when one provider has %s", (_, entry, message) => {
    const text = `labels: [{name: small}]\ndiskimages: [{name: loop, parent: loop}]\nproviders:\n- {name: good, pools: [{name: main, labels: [{name: small}]}]}\n- ${entry}\n`;
    const { shards, builder, problems } = shardNodepool(text);
    expect(shards.map(({ provider }) => provider)).toEqual(["good"]);
    expect(jsonOf(builder?.content)["providers"]).toHaveLength(1);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toMatch(message);
  });

  test("refuses one region that does not fit, and keeps the others", () => {
    const huge = { ...region("huge", "small"), more: { note: "x".repeat(2000) } };
    const { shards, problems } = shardNodepool(nodepool(dfw, huge), { maxBytes: 1500 });
    expect(shards.map(({ provider }) => provider)).toEqual(["rax-dfw"]);
    expect(problems[0]).toMatchObject({ consumer: "huge", reason: "ShardTooLarge" });
    expect(problems[0]?.message).toMatch(/^Cannot store shard "huge": it has \d+ bytes, at most 1500 fit$/);
  });

  test("names ZooKeeper in every part, and keeps the chroot of the source", () => {
    const text = configText({
      providers: [dfw],
      more: { "zookeeper-servers": [{ host: "old", port: 2181, chroot: "/np" }] },
    });
    const zooKeeper = { servers: [{ host: "zk-0", port: 2281 }], tls: { cert: "/c", key: "/k", ca: "/a" } };
    const { shards, builder } = shardNodepool(text, { zooKeeper });
    for (const part of [shards[0]?.content, builder?.content]) {
      expect(jsonOf(part)["zookeeper-servers"]).toEqual([{ host: "zk-0", port: 2281, chroot: "/np" }]);
      expect(jsonOf(part)["zookeeper-tls"]).toEqual({ cert: "/c", key: "/k", ca: "/a" });
    }
  });

  test("sets keys in all parts or for builders only, and leaves builders' folders out of shards", () => {
    const text = configText({ providers: [dfw], more: { "images-dir": "/old", "build-log-retention": 3 } });
    const { shards, builder } = shardNodepool(text, {
      set: { webapp: { port: 8005 } },
      setBuilder: { "images-dir": "/new" },
    });
    expect(jsonOf(shards[0]?.content)).toMatchObject({ webapp: { port: 8005 } });
    expect(jsonOf(shards[0]?.content)).not.toHaveProperty("images-dir");
    expect(jsonOf(builder?.content)).toMatchObject({
      "images-dir": "/new",
      "build-log-retention": 3,
      webapp: { port: 8005 },
    });
  });

  test("loses nothing: joining the shards and the unused rest gives the whole config back", () => {
    assert(
      property(anyConfig(), (config) => {
        const text = configText(config);
        const parts = shardNodepool(text);
        expect(parts.problems).toEqual([]);
        expect(ordered(joinShards(parts))).toEqual(ordered(readYaml(text, "whole")));
      }),
    );
  });

  test("does not depend on the order of anything in the source", () => {
    assert(
      property(anyConfig(), (config) => {
        const turned = {
          labels: config.labels?.toReversed() ?? [],
          images: Object.fromEntries(Object.entries(config.images ?? {}).toReversed()),
          providers: config.providers.toReversed(),
          more: Object.fromEntries(Object.entries(config.more ?? {}).toReversed()),
        };
        const parts = shardNodepool(configText(config));
        const again = shardNodepool(configText(turned));
        expect(textsById(again)).toEqual(textsById(parts));
        expect(again.builder?.text).toBe(parts.builder?.text);
      }),
    );
  });

  test("leaves the bytes of all other shards alone when one provider is edited, added or removed", () => {
    assert(
      property(anyConfig(), (config) => {
        const [first, ...others] = config.providers;
        if (first === undefined) return;
        const before = textsById(shardNodepool(configText(config)));
        const edited = { ...first, labels: [], images: [], more: { "region-name": "moved" } };
        for (const providers of [[edited, ...others], others]) {
          const { shards } = shardNodepool(configText({ ...config, providers }));
          for (const { id, text } of shards.filter(({ provider }) => provider !== first.name))
            expect(text).toBe(before.get(id));
        }
      }),
    );
  });

  test("makes shards that shard to themselves", () => {
    assert(
      property(anyConfig(), (config) => {
        for (const { text } of shardNodepool(configText(config)).shards)
          expect(shardNodepool(text).shards.map((shard) => shard.text)).toEqual([text]);
      }),
    );
  });
});
