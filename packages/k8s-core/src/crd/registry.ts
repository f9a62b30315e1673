/** Where a schema keeps what zod has no word for: description, CEL rules, Kubernetes markers. Private to this room. Pure. */
import { z } from "zod";

export interface CelRule {
  readonly rule: string;
  readonly message: string;
  readonly fieldPath?: string;
}

export interface Markers {
  readonly description?: string;
  readonly cel?: readonly CelRule[];
  /** Replaces what zod emits for this schema as a whole (description and default stay). */
  readonly schema?: Readonly<Record<string, unknown>>;
  /** Adds `x-kubernetes-*` keywords. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

export const registry = z.registry<Markers>();

/** Adds markers to those that the schema (or the one it was derived from) already has. */
export function mark<T extends z.ZodType>(schema: T, markers: Markers): T {
  const before: Markers = registry.get(schema) ?? {};
  const cel = [...(before.cel ?? []), ...(markers.cel ?? [])];
  registry.add<z.ZodType>(schema, { ...before, ...markers, ...(cel.length === 0 ? {} : { cel }) });
  return schema;
}
