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

/** Checks of zod that a CEL rule or a keyword stands beside; any other would promise more than the server keeps. */
export const backedChecks = new WeakSet<object>();

/** `refine` for a check whose meaning the CRD carries by other means. */
export function backed<T extends z.ZodType>(
  schema: T,
  check: (value: z.output<T>) => boolean,
  params: { readonly message: string; readonly path?: string[] },
): T {
  const refined = schema.refine(check, params);
  for (const one of refined._zod.def.checks ?? []) backedChecks.add(one);
  return refined;
}
