import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { type Layer, layers, pureNodeModules } from "./layers.ts";

const root = resolve(import.meta.dirname, "..");

interface Import {
  readonly file: string;
  readonly specifier: string;
}

function sourcesOf(room: string): readonly string[] {
  return readdirSync(join(root, room, "src"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(root, room, "src", name));
}

function importsOf(file: string): readonly Import[] {
  const text = readFileSync(file, "utf8");
  const found = text.matchAll(
    /^\s*(?:import|export)\b[^;'"]*?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm,
  );
  return [...found].map((match) => ({ file, specifier: match[1] ?? match[2] ?? "" }));
}

const isTest = (file: string): boolean => /\.(test|test-d|builders)\.ts$/.test(file);

function trespasses(layer: Layer, { file, specifier }: Import): boolean {
  if (specifier.startsWith(".")) return !resolve(file, "..", specifier).startsWith(join(root, layer.room));
  const doors = isTest(file) ? [...layer.doors, ...(layer.testDoors ?? [])] : layer.doors;
  if (specifier.startsWith("@zuul-pulp/")) return !doors.includes(specifier);
  if (specifier.startsWith("node:"))
    return layer.isPure === true && !isTest(file) && !pureNodeModules.includes(specifier);
  return specifier === "cdk8s-plus-27" && layer.room !== "packages/constructs";
}

describe.each(layers)("$room", (layer) => {
  test("imports only the doors below it", () => {
    const bad = sourcesOf(layer.room)
      .flatMap(importsOf)
      .filter((one) => trespasses(layer, one))
      .map(({ file, specifier }) => `${relative(root, file)} imports ${specifier}`);
    expect(bad).toEqual([]);
  });

  test("declares the workspaces that it imports, in package.json and in tsconfig.json, and no others", () => {
    const imported = new Set(
      sourcesOf(layer.room)
        .flatMap(importsOf)
        .filter(({ specifier }) => specifier.startsWith("@zuul-pulp/"))
        .map(({ specifier }) => specifier.split("/").slice(0, 2).join("/")),
    );
    const manifest = JSON.parse(readFileSync(join(root, layer.room, "package.json"), "utf8")) as {
      dependencies?: Record<string, string>;
    };
    const declared = Object.keys(manifest.dependencies ?? {}).filter((name) =>
      name.startsWith("@zuul-pulp/"),
    );
    const project = JSON.parse(readFileSync(join(root, layer.room, "tsconfig.json"), "utf8")) as {
      references: readonly { path: string }[];
    };
    const referenced = project.references.map(
      ({ path }) =>
        (JSON.parse(readFileSync(join(root, layer.room, path, "package.json"), "utf8")) as { name: string })
          .name,
    );
    expect(new Set(declared), "package.json dependencies").toEqual(imported);
    expect(new Set(referenced), "tsconfig.json references").toEqual(imported);
  });
});

test("every package, app and example has a layer", () => {
  const rooms = ["packages", "apps", "examples"].flatMap((parent) =>
    readdirSync(join(root, parent))
      .filter((name) => existsSync(join(root, parent, name, "package.json")))
      .map((name) => `${parent}/${name}`),
  );
  expect(layers.map(({ room }) => room).toSorted()).toEqual(rooms.toSorted());
});
