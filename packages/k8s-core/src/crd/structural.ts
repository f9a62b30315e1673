/**
 * Turns zod's JSON Schema into what the API server calls structural: a whitelist of keywords, no unions, RE2 patterns,
 * and a maximum on everything that grows. Pure.
 * @see Kubernetes 1.35, "Specifying a structural schema"
 */
import { z } from "zod";
import type { Json } from "../model/manifest.ts";
import { backedChecks, type CelRule, registry } from "./registry.ts";
import { defaultMax } from "./vocabulary.ts";

export interface StructuralSchema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly required?: readonly string[];
  readonly items?: StructuralSchema;
  readonly additionalProperties?: StructuralSchema;
  readonly enum?: readonly Json[];
  readonly default?: Json;
  readonly pattern?: string;
  readonly allOf?: readonly { readonly pattern: string }[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
  readonly "x-kubernetes-int-or-string"?: boolean;
  readonly "x-kubernetes-list-type"?: string;
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
  readonly "x-kubernetes-validations"?: readonly CelRule[];
}

type Node = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;

export function structuralOf(schema: z.ZodType, path: string): StructuralSchema {
  const json = z.toJSONSchema(schema, {
    target: "openapi-3.0",
    io: "input",
    metadata: registry,
    unrepresentable: "throw",
    cycles: "throw",
    reused: "inline",
    override: ({ zodSchema, path: at }) => refuseUnbacked(zodSchema, [path, ...at].join(".")),
  });
  return normalise(json as Node, path);
}

/** Throws for what `parse` would do and the server would not. */
function refuseUnbacked(schema: z.core.$ZodTypes, path: string): void {
  const { def } = schema._zod;
  if (def.type === "intersection") throw new Error(`${path}: an intersection has no form in a CRD`);
  if (def.type === "catch") throw new Error(`${path}: catch() would hide a mistake of the user`);
  for (const check of def.checks ?? []) {
    const { check: kind } = check._zod.def;
    if (kind === "custom" && !backedChecks.has(check))
      throw new Error(`${path}: a bare refine is unknown to the API server, use cel()`);
    if (kind === "overwrite") throw new Error(`${path}: a change of the value is unknown to the API server`);
  }
}

const kept = [
  "type",
  "enum",
  "default",
  "pattern",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
] as const;
const formats = new Set(["int32", "int64", "date-time"]);

function normalise(node: Node, path: string): StructuralSchema {
  const description = node["description"];
  const rules = node["cel"] as readonly CelRule[] | undefined;
  const about = {
    ...(typeof description === "string" ? { description } : {}),
    ...(node["default"] === undefined ? {} : { default: node["default"] as Json }),
    ...(rules === undefined || rules.length === 0 ? {} : { "x-kubernetes-validations": rules }),
  };
  const replacement = node["schema"] as StructuralSchema | undefined;
  if (replacement !== undefined) return { ...replacement, ...about };
  if (node["anyOf"] !== undefined || node["oneOf"] !== undefined || node["type"] === undefined) {
    return { "x-kubernetes-preserve-unknown-fields": true, ...about };
  }
  if (node["type"] === "object" && node["properties"] !== undefined && isObject(node["additionalProperties"]))
    throw new Error(`${path}: fixed members beside free ones have no form in a CRD, use map() or opaque()`);
  const out: Record<string, unknown> = {};
  const patterns = patternsOf(node, path);
  if (patterns.length > 0) out["allOf"] = patterns.map((pattern) => ({ pattern }));
  for (const key of kept) if (node[key] !== undefined) out[key] = node[key];
  const extra = node["extra"] as object | undefined;
  return { ...out, ...shapeOf(node, path), ...extra, ...about } as StructuralSchema;
}

/** zod writes a second pattern of one string as `allOf`. */
function patternsOf(node: Node, path: string): readonly unknown[] {
  const parts = (node["allOf"] ?? []) as readonly Node[];
  return parts.map(({ pattern }) => {
    checkPattern(pattern, path);
    return pattern;
  });
}

function shapeOf(node: Node, path: string): Partial<Record<keyof StructuralSchema, unknown>> {
  switch (node["type"]) {
    case "object":
      return objectShape(node, path);
    case "array":
      return {
        items: normalise((node["items"] ?? {}) as Node, `${path}[]`),
        ...(node["maxItems"] === undefined ? { maxItems: defaultMax.items } : {}),
      };
    case "string":
      checkPattern(node["pattern"], path);
      return {
        ...(typeof node["format"] === "string" && formats.has(node["format"])
          ? { format: node["format"] }
          : {}),
        ...(node["maxLength"] === undefined && node["enum"] === undefined
          ? { maxLength: defaultMax.length }
          : {}),
      };
    case "integer":
      return integerShape(node);
    default:
      return {};
  }
}

function objectShape(node: Node, path: string): Partial<Record<keyof StructuralSchema, unknown>> {
  const values = node["additionalProperties"];
  if (node["properties"] === undefined && typeof values === "object" && values !== null) {
    const shape = Object.keys(values).length === 0 ? undefined : normalise(values as Node, `${path}.*`);
    // CEL knows a map of unknown values only as an object of unknown members; as `additionalProperties` it is no field.
    if (shape === undefined || shape["x-kubernetes-preserve-unknown-fields"] === true)
      return { "x-kubernetes-preserve-unknown-fields": true };
    return { additionalProperties: shape, maxProperties: defaultMax.properties };
  }
  const properties = Object.entries((node["properties"] ?? {}) as Record<string, Node>);
  const required = (node["required"] ?? []) as readonly string[];
  return {
    properties: Object.fromEntries(
      properties.map(([name, member]) => [name, normalise(member, `${path}.${name}`)]),
    ),
    ...(required.length === 0 ? {} : { required }),
  };
}

/** zod bounds every int by ±(2⁵³−1), which is noise in a CRD. */
function integerShape(node: Node): Partial<Record<keyof StructuralSchema, unknown>> {
  const { minimum, maximum } = node as { minimum?: number; maximum?: number };
  const isWide = (minimum !== undefined && minimum < -2_147_483_648) || (maximum ?? 0) > 2_147_483_647;
  const noise = (bound: number | undefined): boolean =>
    bound !== undefined && Math.abs(bound) >= Number.MAX_SAFE_INTEGER;
  return {
    format: isWide || maximum === undefined ? "int64" : "int32",
    ...(noise(minimum) ? { minimum: undefined } : {}),
    ...(noise(maximum) ? { maximum: undefined } : {}),
  };
}

/** The server compiles patterns with RE2, which has no look-around and no back-references. */
function checkPattern(pattern: unknown, path: string): void {
  if (typeof pattern === "string" && /\(\?[=!<]|\\[1-9]/.test(pattern)) {
    throw new Error(
      `${path}: the pattern ${pattern} uses look-around or back-references, which the API server refuses`,
    );
  }
}
