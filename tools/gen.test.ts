import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installManifests } from "@zuul-pulp/k8s-core/cli";
import { undocumented } from "@zuul-pulp/k8s-core/crd";
import { defaultGrants } from "@zuul-pulp/k8s-core/model";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { driftOf, generatedMark, write } from "./gen/files.ts";
import { operatorsOf } from "./gen/operators.ts";
import { outputsOf, sampleSpecs } from "./gen/outputs.ts";

const root = join(import.meta.dirname, "..");
const operators = await operatorsOf(root);
const outputs = outputsOf(operators);
const documentsIn = (path: string): readonly unknown[] =>
  parseAllDocuments(outputs.get(path) ?? "").map((document): unknown => document.toJS());

function folder(): string {
  return mkdtempSync(join(tmpdir(), "gen-"));
}

describe("driftOf()", () => {
  test("names a stale file, a missing one and one that is no longer made, and leaves files of people alone", () => {
    const at = folder();
    mkdirSync(join(at, "out"));
    const path = (name: string): string => join(at, "out", name);
    writeFileSync(path("stale"), "old");
    writeFileSync(path("dropped"), `# ${generatedMark}\n`);
    writeFileSync(path("mine"), "by hand");
    const made = new Map([
      [path("stale"), "new"],
      [path("missing"), "x"],
    ]);
    expect(driftOf(made, [join(at, "out")])).toEqual([path("dropped"), path("missing"), path("stale")]);
    write(made, [join(at, "out")]);
    expect(driftOf(made, [join(at, "out")])).toEqual([]);
    expect(existsSync(path("dropped"))).toBe(false);
    expect(readFileSync(path("mine"), "utf8")).toBe("by hand");
    rmSync(at, { recursive: true });
  });
});

describe.each(operators)("files of $name", (operator) => {
  const { name, definitions } = operator;

  test("the one-file install is what install --print gives", () => {
    const grants = defaultGrants(operator.grants);
    const image = `${operator.image}:${operator.version}`;
    const plan = installManifests({ operator, namespace: name, watch: { kind: "own" }, image, grants });
    expect(documentsIn(`deploy/${name}/install.yaml`)).toEqual(
      JSON.parse(JSON.stringify([...plan.crds, ...plan.rest])),
    );
  });

  test("the bundle grants what the one-file install grants", () => {
    const csv = parse(
      outputs.get(`deploy/${name}/bundle/manifests/${name}.clusterserviceversion.yaml`) ?? "",
    );
    const roles = documentsIn(`deploy/${name}/install.yaml`).filter(
      (one) => Reflect.get(Object(one), "kind") === "Role",
    );
    const granted = roles.flatMap((role) => Reflect.get(Object(role), "rules"));
    expect(csv.spec.install.spec.permissions[0].rules).toEqual(expect.arrayContaining(granted));
    expect(granted).toHaveLength(csv.spec.install.spec.permissions[0].rules.length);
  });

  test.each(definitions)("the sample of $kind is accepted by its own parser", (definition) => {
    const { apiVersion, kind } = definition;
    const sample = { apiVersion, kind, metadata: { name: "example" }, spec: sampleSpecs[kind] };
    expect(definition.parse(sample).metadata.name).toBe("example");
  });

  test.each(definitions)("every field of $kind is documented", (definition) => {
    expect(undocumented(definition)).toEqual([]);
  });

  test.each(definitions)("the CRD of $kind stays below 300 KiB", (definition) => {
    expect(JSON.stringify(definition.toCrd()).length).toBeLessThan(300 * 1024);
  });
});
