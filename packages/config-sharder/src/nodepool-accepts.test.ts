/** Asks the real Nodepool, and the YAML reader that it uses, about every part. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sample } from "fast-check";
import { describe, expect, test } from "vitest";
import { anyText } from "./nodepool.builders.ts";
import { nodepoolProgram } from "./nodepool-program.builders.ts";
import { drainingShard } from "./nodepool-draining.ts";
import { joinShards, shardNodepool } from "./nodepool.ts";
import { renderSecureFile } from "./secure-file.ts";
import { YamlMap } from "./yaml-value.ts";
import { writeYaml } from "./yaml-write.ts";

const source = readFileSync(join(import.meta.dirname, "testdata", "nodepool.yaml"), "utf8");
const abstractImages = ["base", "minimal"];
const timeout = 180_000; // the first run installs Nodepool

/** Prints each file as Python sees it: types included, map keys and named lists in one order. */
const show = `
import sys, yaml
def shown(value):
    if isinstance(value, dict):
        return "{" + ", ".join(sorted(repr(k) + ": " + shown(v) for k, v in value.items())) + "}"
    if isinstance(value, list):
        parts = [shown(v) for v in value]
        named = all(isinstance(v, dict) and "name" in v for v in value)
        return "[" + ", ".join(sorted(parts) if named else parts) + "]"
    return repr(value)
for name in sys.argv[1:]:
    with open(name, encoding="ascii" if name.endswith(".part") else "utf-8") as file:
        print(shown(yaml.safe_load(file)))
`;

async function withFolder(run: (folder: string) => Promise<unknown>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "config-sharder-"));
  try {
    await run(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("Nodepool 11", () => {
  test("accepts the shard of every provider that has left, and the builders' part that still knows it", {
    timeout,
  }, async () => {
    const nodepool = await nodepoolProgram();
    const { shards } = shardNodepool(source);
    const leaving = shards.map(({ text }) => drainingShard(text));
    const { builder } = shardNodepool("labels: []", { leaving });
    await withFolder(async (folder) => {
      const validated = [...leaving, builder?.text ?? ""].map(async (text, index) => {
        const file = join(folder, `${index}.part`);
        writeFileSync(file, text);
        await nodepool.validate(file);
      });
      await expect(Promise.all(validated)).resolves.toHaveLength(7);
    });
  });

  test("accepts every shard and the builders' part of six providers over four drivers", {
    timeout,
  }, async () => {
    const nodepool = await nodepoolProgram();
    const { shards, builder, problems } = shardNodepool(source);
    expect(problems).toEqual([]);
    expect(shards.map(({ driver }) => driver).toSorted()).toEqual([
      "aws",
      "kubernetes",
      "openstack",
      "openstack",
      "static",
      "static",
    ]);
    await withFolder(async (folder) => {
      const texts = [...shards.map((shard) => shard.text), builder?.text ?? ""];
      const validated = texts.map(async (text, index) => {
        const file = join(folder, `${index}.part`);
        writeFileSync(file, text);
        await nodepool.validate(file);
      });
      await expect(Promise.all(validated)).resolves.toHaveLength(7);
    });
  });

  test("loads every part with the code of its daemons, variables of the secure file included", {
    timeout,
  }, async () => {
    const nodepool = await nodepoolProgram();
    const { shards, builder } = shardNodepool(source);
    const envVars = new Map([["a-child-sorted-before-its-parent", new Map([["TOKEN", "012"]])]]);
    const parts = [...shards, ...(builder === undefined ? [] : [builder])];
    expect(parts).toHaveLength(7);
    await withFolder(async (folder) => {
      const loaded = parts.map(async (part, index) => {
        const [file, secure] = [join(folder, `${index}.part`), join(folder, `${index}.secure`)];
        writeFileSync(file, part.text);
        writeFileSync(secure, renderSecureFile(part.diskimages, envVars));
        expect(await nodepool.load(file, secure)).toMatchObject({
          ...("labels" in part ? { labels: part.labels } : {}),
          images: part.diskimages.filter((name) => !abstractImages.includes(name)),
          token: part.diskimages.length > 0 ? "012" : null,
        });
      });
      await Promise.all(loaded);
    });
  });

  test("refuses a shard that lacks a label, so that its acceptance means something", {
    timeout,
  }, async () => {
    const nodepool = await nodepoolProgram();
    const [first] = shardNodepool(source).shards;
    await withFolder(async (folder) => {
      const [file, secure] = [join(folder, "lacking.part"), join(folder, "secure")];
      writeFileSync(file, writeYaml((first?.content ?? new YamlMap([])).with("labels", [])));
      writeFileSync(secure, "{}");
      await expect(nodepool.load(file, secure)).rejects.toThrow("KeyError");
    });
  });

  test("reads the joined shards, and the builders' part, as it reads the source", { timeout }, async () => {
    const nodepool = await nodepoolProgram();
    const parts = shardNodepool(source);
    await withFolder(async (folder) => {
      const files = ["source.yaml", "joined.part", "builder.part"].map((name) => join(folder, name));
      for (const [index, text] of [source, writeYaml(joinShards(parts)), parts.builder?.text ?? ""].entries())
        writeFileSync(files[index] ?? "", text);
      const [whole, joined, builder] = (await nodepool.python(show, ...files)).trim().split("\n");
      expect(joined).toBe(whole);
      expect(builder).toBe(whole);
    });
  });

  test("reads every text that was written as that text", { timeout }, async () => {
    const nodepool = await nodepoolProgram();
    const texts = sample(anyText(), 500);
    await withFolder(async (folder) => {
      const file = join(folder, "texts.part");
      const named = texts.map((text) => [`k${text}`, text] as const);
      writeFileSync(file, writeYaml(new YamlMap([["texts", texts], ...new Map(named)])));
      const print =
        'import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1], encoding="ascii"))))';
      const read: unknown = JSON.parse(await nodepool.python(print, file));
      expect(read).toEqual({ texts, ...Object.fromEntries(named) });
    });
  });
});
