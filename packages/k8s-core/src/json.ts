/** Reading JSON whose shape nobody promised. Pure. */
import type { KindSpec } from "./kinds.ts";
import type { LiveObject } from "./model/manifest.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** The members of a JSON object; an empty object for anything else. */
export function fields(value: unknown): Fields {
  return isFields(value) ? value : {};
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function count(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** Parses text that should be JSON; `undefined` when it is not. */
export function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** JSON with sorted keys, so that equal values give equal text. */
export function stableJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    isFields(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : member,
  );
}

/** One object as the server sent it. Members of lists come without kind and apiVersion, so both are filled in. */
export function liveObject(value: unknown, kind: Pick<KindSpec, "apiVersion" | "kind">): LiveObject {
  const metadata = fields(fields(value)["metadata"]);
  if (typeof metadata["name"] !== "string") throw new Error(`the server sent a ${kind.kind} without name`);
  // What was created by a dry run has no version, and of some kinds no uid.
  const { uid = "", resourceVersion = "" } = metadata;
  const checked = {
    ...fields(value),
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: { ...metadata, uid, resourceVersion },
  };
  // The edge where JSON becomes an object: the members that LiveObject requires are there.
  return checked as unknown as LiveObject;
}
