/// <reference types="node" />
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { golden, renderYaml } from "./render.builders.ts";

const folder = (name: string): string => fileURLToPath(new URL(`testdata/${name}/`, import.meta.url));

describe("synthZuul()", () => {
  test.each(["small", "proposal"])("gives the manifests of testdata/%s", async (name) => {
    const { plan } = await renderYaml(await readFile(`${folder(name)}in.yaml`, "utf8"));
    await expect(golden(plan)).toMatchFileSnapshot(`${folder(name)}out.yaml`);
  });

  test("gives the same bytes for the same input", async () => {
    const yaml = await readFile(`${folder("proposal")}in.yaml`, "utf8");
    expect(JSON.stringify((await renderYaml(yaml)).plan)).toBe(JSON.stringify((await renderYaml(yaml)).plan));
  });
});
