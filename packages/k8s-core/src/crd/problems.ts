/** What zod complains about, in words for the person who wrote the spec. Pure. */
import type { z } from "zod";
import type { Problem } from "./strict.ts";

/** One sentence per problem; of a union, the complaints of the branch that was probably meant. */
export function problemsOf(issue: z.core.$ZodIssue, above: readonly (string | number)[]): readonly Problem[] {
  const path = [...above, ...issue.path.map((part) => (typeof part === "number" ? part : String(part)))];
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({ path: [...path, key], message: "unknown field" }));
  if (issue.code !== "invalid_union" || issue.errors.length === 0) return [{ path, message: issue.message }];
  // A message of the schema's own says more than any branch.
  if (issue.message !== "Invalid input") return [{ path, message: issue.message }];
  // A branch that got as far as a member of the value was the one that was meant.
  const deepest = [...issue.errors].toSorted((a, b) => depth(b) - depth(a))[0] ?? [];
  if (depth(deepest) > 0) return deepest.flatMap((one) => problemsOf(one, path));
  const branches = issue.errors.map((branch) => branch.map(({ message }) => message).join(" and "));
  return [{ path, message: [...new Set(branches)].join(", or ") }];
}

const depth = (issues: readonly z.core.$ZodIssue[]): number =>
  Math.max(0, ...issues.map(({ path, code }) => path.length + (code === "unrecognized_keys" ? 1 : 0)));
