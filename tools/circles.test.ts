import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");
const rooms = ["packages", "apps", "examples", "e2e", "bench", "proof", "tools"];

/** Every file and the files of this repository that it names, types included: a reader follows those as well. */
function arrows(): ReadonlyMap<string, readonly string[]> {
  const files = rooms.flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !/(^|\/)(dist|node_modules)\//.test(name))
      .map((name) => join(root, room, name)),
  );
  const known = new Set(files);
  const named = (file: string): readonly string[] =>
    [...readFileSync(file, "utf8").matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)]
      .map(([, specifier = ""]) => resolve(file, "..", specifier))
      .filter((target) => known.has(target));
  return new Map(files.map((file) => [file, named(file)]));
}

/** One way around for each circle that a walk from any file closes. */
function circlesOf(graph: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const done = new Set<string>();
  const circles: string[] = [];
  const walk = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) circles.push([...path.slice(at), file].map((name) => relative(root, name)).join(" → "));
    if (at >= 0 || done.has(file)) return;
    for (const next of graph.get(file) ?? []) walk(next, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) walk(file, []);
  return circles;
}

test("no file imports itself by a detour", () => {
  expect(circlesOf(arrows())).toEqual([]);
});

test("a detour is found", () => {
  const graph = new Map([
    ["/a.ts", ["/b.ts"]],
    ["/b.ts", ["/c.ts"]],
    ["/c.ts", ["/b.ts"]],
  ]);
  expect(circlesOf(graph)).toHaveLength(1);
});
