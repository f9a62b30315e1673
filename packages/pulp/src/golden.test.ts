/// <reference types="node" />
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { golden, renderYaml } from "./render.builders.ts";

const folder = new URL("./testdata/", import.meta.url);

describe("manifests of one Pulp", () => {
  test.each(["pulp-small", "everything"])("are those of testdata/%s", async (name) => {
    const { plan } = await renderYaml(readFileSync(new URL(`${name}/in.yaml`, folder), "utf8"));
    await expect(golden(plan)).toMatchFileSnapshot(`testdata/${name}/out.yaml`);
  });

  test("are the same bytes every time", async () => {
    const yaml = readFileSync(new URL("everything/in.yaml", folder), "utf8");
    const [first, second] = await Promise.all([renderYaml(yaml), renderYaml(yaml)]);
    expect(golden(second.plan)).toBe(golden(first.plan));
  });
});
