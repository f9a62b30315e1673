/** Which namespaces an operator watches. Pure. */
import { isNamespaceName } from "../wire/path.ts";

export type WatchScope =
  | { readonly kind: "own" }
  | { readonly kind: "namespaces"; readonly namespaces: readonly string[] }
  | { readonly kind: "all" };

/** The environment names what no namespace can be called. */
export class MalformedScope extends Error {
  override readonly name = "MalformedScope";
}

/**
 * From `WATCH_NAMESPACE` (or `WATCH_NAMESPACES`): unset is the own namespace, empty is all, else a comma list.
 * OLM sets it in all of its install modes.
 * @throws MalformedScope naming the first name that cannot be a namespace
 */
export function watchScope(env: Readonly<Record<string, string | undefined>>): WatchScope {
  const given = env["WATCH_NAMESPACE"] ?? env["WATCH_NAMESPACES"];
  if (given === undefined) return { kind: "own" };
  const { namespaces, wrong } = listed(given);
  if (wrong !== undefined)
    throw new MalformedScope(`WATCH_NAMESPACE: "${wrong}" cannot be the name of a namespace`);
  return namespaces.length === 0 ? { kind: "all" } : { kind: "namespaces", namespaces };
}

/** Each name once; `wrong` is the first that cannot be one of a namespace. */
export function listed(text: string): {
  readonly namespaces: readonly string[];
  readonly wrong: string | undefined;
} {
  const names = text.split(",").map((name) => name.trim());
  const namespaces = [...new Set(names)].filter((name) => name !== "");
  return { namespaces, wrong: namespaces.find((name) => !isNamespaceName(name)) };
}

/** One entry per set of watches; `undefined` is the whole cluster. */
export function namespacesOf(scope: WatchScope, own: string): readonly (string | undefined)[] {
  switch (scope.kind) {
    case "own":
      return [own];
    case "namespaces":
      return scope.namespaces;
    case "all":
      return [undefined];
    default:
      return scope satisfies never;
  }
}
