/** Reads manifests from YAML files, `-` being standard input; many documents and Lists in one file are fine. I/O: files. */
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { Manifest } from "../model/manifest.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";

export function readDocuments(files: readonly string[]): readonly Manifest[] {
  return files
    .flatMap(expand)
    .flatMap((file) => documentsOf(file === "-" ? readFileSync(0, "utf8") : read(file), file));
}

function expand(file: string): readonly string[] {
  if (file === "-" || !isFolder(file)) return [file];
  return readdirSync(file)
    .filter((name) => /\.(ya?ml|json)$/.test(name))
    .toSorted()
    .map((name) => join(file, name));
}

function isFolder(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() === true;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new CommandError(
      exitCodes.usage,
      `Cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

function documentsOf(text: string, file: string): readonly Manifest[] {
  return [...parseAllDocuments(text, { maxAliasCount: 50 } as object)].flatMap((document) => {
    const [problem] = document.errors;
    if (problem !== undefined) throw new CommandError(exitCodes.refused, `${file}: ${problem.message}`);
    return manifestsIn(document.toJS({ maxAliasCount: 50 }) as unknown, file);
  });
}

function manifestsIn(value: unknown, file: string): readonly Manifest[] {
  if (value === null || value === undefined) return [];
  const candidate = value as Partial<Manifest> & { items?: unknown };
  if (candidate.kind === "List" && Array.isArray(candidate.items))
    return candidate.items.flatMap((item) => manifestsIn(item, file));
  if (
    typeof candidate.kind !== "string" ||
    typeof candidate.apiVersion !== "string" ||
    typeof candidate.metadata?.name !== "string"
  )
    throw new CommandError(
      exitCodes.refused,
      `${file}: every document needs apiVersion, kind and metadata.name`,
    );
  return [candidate as Manifest];
}
