/**
 * What we own of an object, as stored: the server's own record of our last apply, walked over the object. Pure.
 *
 * The answer of the server is the baseline, so no table of normalisations is needed: defaults, side-cars, replicas
 * of an autoscaler lie outside, and a loss of ownership shows even when the value was put back.
 * @see Kubernetes 1.35, structured-merge-diff `fieldsV1`: `f:name`, `k:{keys}`, `v:value`, `.`
 */
import { hash } from "node:crypto";
import { type Fields, fields, isFields, list } from "../json.ts";
import type { LiveObject, ManagedFieldsEntry } from "../model/manifest.ts";

/** Our entry on the main resource; `undefined` when we never applied, or lost everything since. */
export function ownEntry(object: LiveObject, fieldManager: string): ManagedFieldsEntry | undefined {
  return object.metadata.managedFields?.find(
    (entry) =>
      entry.manager === fieldManager && entry.operation === "Apply" && (entry.subresource ?? "") === "",
  );
}

/** Hash over what we own and its values; `undefined` when we own nothing. Equal hash: nobody touched what is ours. */
export function ownHash(object: LiveObject, fieldManager: string): string | undefined {
  const trie = ownEntry(object, fieldManager)?.fieldsV1;
  if (trie === undefined) return undefined;
  const parts: string[] = [JSON.stringify(trie)];
  collect(fields(trie), object, parts);
  return hash("sha256", parts.join("\n"), "base64url");
}

/** Paths of the leaves in a trie: `.spec.replicas`, `.spec.containers[name=web].image`. */
export function ownedPaths(trie: unknown, prefix = ""): readonly string[] {
  const entries = Object.entries(fields(trie)).filter(([step]) => step !== ".");
  if (entries.length === 0) return prefix === "" ? [] : [prefix];
  return entries.flatMap(([step, inner]) => ownedPaths(inner, prefix + pathStep(step)));
}

/** Values at our leaves, in the order of the trie; a missing value is told apart from `null`. */
function collect(trie: Fields, value: unknown, into: string[]): void {
  for (const [step, inner] of Object.entries(trie)) {
    if (step === ".") continue;
    const child = at(step, value);
    const deeper = fields(inner);
    if (Object.keys(deeper).length === 0) into.push(child === undefined ? "-" : JSON.stringify(child));
    else collect(deeper, child, into);
  }
}

function at(step: string, value: unknown): unknown {
  const rest = step.slice(2);
  switch (step.slice(0, 2)) {
    case "f:":
      return fields(value)[rest];
    case "k:": {
      const keys = Object.entries(fields(JSON.parse(rest)));
      return list(value).find((one) => isFields(one) && keys.every(([key, wanted]) => one[key] === wanted));
    }
    case "v:":
      return list(value).find((one) => JSON.stringify(one) === rest);
    case "i:":
      return list(value)[Number(rest)];
    default:
      return undefined;
  }
}

function pathStep(step: string): string {
  const rest = step.slice(2);
  if (step.startsWith("f:")) return `.${rest}`;
  if (!step.startsWith("k:")) return `[${rest}]`;
  const keys = Object.entries(fields(JSON.parse(rest))).map(([key, value]) => `${key}=${String(value)}`);
  return `[${keys.join(",")}]`;
}
