/** The operators of this repository, found by their one file: `apps/<name>/src/operator.ts`. I/O: reads folders, imports. */
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { OperatorDefinition } from "@zuul-pulp/k8s-core/cli";

export async function operatorsOf(root: string): Promise<readonly OperatorDefinition[]> {
  const files = readdirSync(join(root, "apps"))
    .toSorted()
    .map((name) => resolve(root, "apps", name, "src", "operator.ts"))
    .filter((file) => existsSync(file));
  const modules: readonly object[] = await Promise.all(files.map((file) => import(pathToFileURL(file).href)));
  return modules.flatMap((module) => Object.values(module)).filter(isOperator);
}

const isOperator = (value: unknown): value is OperatorDefinition =>
  typeof value === "object" &&
  value !== null &&
  "controllers" in value &&
  "definitions" in value &&
  "image" in value;
