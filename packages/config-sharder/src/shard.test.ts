import { assert, property, string, uniqueArray } from "fast-check";
import { describe, expect, test } from "vitest";
import { shard, shardId } from "./shard.ts";

describe("shardId()", () => {
  test("is a DNS label for any name, and its own for each name", () => {
    assert(
      property(uniqueArray(string({ unit: "binary" })), (names) => {
        const ids = names.map(shardId);
        for (const id of ids) expect(id).toMatch(/^[a-z0-9]([-a-z0-9]{0,37}[a-z0-9])?$/);
        expect(new Set(ids).size).toBe(names.length);
      }),
    );
  });
});

describe("shard()", () => {
  test("serves any kind of consumer", () => {
    const { shards, problems } = shard({
      consumers: ["b", "a", "bad", "twin", "twin"],
      nameOf: (name) => name,
      partOf: (name) => (name === "bad" ? { problem: "is bad" } : { content: name }),
      render: (content) => `for ${content}\n`,
    });
    expect(shards.map(({ consumer, text, sizeBytes }) => [consumer, text, sizeBytes])).toEqual([
      ["a", "for a\n", 6],
      ["b", "for b\n", 6],
    ]);
    expect(problems.map(({ consumer, reason }) => [consumer, reason])).toEqual([
      ["bad", "InvalidConfig"],
      ["twin", "InvalidConfig"],
    ]);
  });
});
