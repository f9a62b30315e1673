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

  test("lets no secret value into a manifest that is no Secret, or into a notice", async () => {
    const canary = "c4n4ry";
    const yaml = await readFile(`${folder("proposal")}in.yaml`, "utf8");
    const planted = yaml
      .replaceAll(
        /^data: \{(.*)\}$/gm,
        (_, keys: string) => `data: {${keys.replaceAll(/: [\w=]+/g, `: ${btoa(canary)}`)}}`,
      )
      .replaceAll("zuul:password@", `zuul:${canary}@`)
      .replaceAll("password: p}", `password: ${canary}}`);
    const { plan } = await renderYaml(planted, { generated: canary });
    const secrets = plan.stages.flatMap(({ manifests }) => manifests).filter(({ kind }) => kind === "Secret");
    const others = plan.stages.map(({ manifests, ...stage }) => [
      stage,
      manifests.filter(({ kind }) => kind !== "Secret"),
    ]);
    expect(JSON.stringify(secrets.map(({ data }) => data))).toContain(btoa(canary).replace(/=+$/, ""));
    expect(JSON.stringify([others, plan.notices])).not.toContain(canary);
    expect(JSON.stringify([others, plan.notices])).not.toContain(btoa(canary));
    expect(golden(plan)).not.toContain(canary);
  });

  test("gives the same bytes for the same input", async () => {
    const yaml = await readFile(`${folder("proposal")}in.yaml`, "utf8");
    expect(JSON.stringify((await renderYaml(yaml)).plan)).toBe(JSON.stringify((await renderYaml(yaml)).plan));
  });
});
