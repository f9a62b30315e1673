/** What a field must refuse, read off its published schema: another type, and one beyond each bound. Pure. */
import type { StructuralSchema } from "@zuul-pulp/k8s-core/crd";
import type { Json } from "./leaf.ts";

export interface WrongValues {
  /** Values of another type. */
  readonly ofType: readonly Json[];
  /** Values of the right type. */
  readonly inType: readonly Json[];
}

export function wrongValues(schema: StructuralSchema): WrongValues {
  if (schema["x-kubernetes-int-or-string"] === true)
    return { ofType: [true, { a: 1 }], inType: schema.pattern === undefined ? [] : ["much"] };
  switch (schema.type) {
    case "string":
      return { ofType: [7, { a: "b" }], inType: wrongTexts(schema) };
    case "integer":
      return { ofType: ["seven", 1.5], inType: wrongNumbers(schema) };
    case "number":
      return { ofType: ["seven"], inType: wrongNumbers(schema) };
    case "boolean":
      return { ofType: ["yes", 1], inType: [] };
    case "array":
      return { ofType: ["text"], inType: wrongLists(schema) };
    case "object":
      return { ofType: ["text", [1]], inType: wrongMaps(schema) };
    default:
      return { ofType: [], inType: [] };
  }
}

function wrongTexts({
  enum: choices,
  minLength = 0,
  maxLength,
  pattern,
}: StructuralSchema): readonly string[] {
  if (choices !== undefined) return ["Nonsense"];
  const odd = [" ", "§", "/", "a b"].find((text) => pattern !== undefined && !new RegExp(pattern).test(text));
  return [
    ...(minLength > 0 ? [""] : []),
    ...(maxLength === undefined ? [] : ["a".repeat(maxLength + 1)]),
    ...(odd === undefined ? [] : [odd]),
  ];
}

function wrongNumbers({ minimum, maximum, type, format }: StructuralSchema): readonly number[] {
  const most = maximum ?? (format === "int32" && type === "integer" ? 2 ** 31 - 1 : undefined);
  return [...(minimum === undefined ? [] : [minimum - 1]), ...(most === undefined ? [] : [most + 1])];
}

function wrongLists({ maxItems, items = {} }: StructuralSchema): readonly Json[] {
  const { ofType, inType } = wrongValues(items);
  return [
    ...[...ofType, ...inType].map((one) => [one]),
    ...(maxItems === undefined ? [] : [Array.from({ length: maxItems + 1 }, (_, index) => `n${index}`)]),
  ];
}

function wrongMaps({ maxProperties, additionalProperties = {} }: StructuralSchema): readonly Json[] {
  const { ofType, inType } = wrongValues(additionalProperties);
  const many = Array.from({ length: (maxProperties ?? 0) + 1 }, (_, index) => [`n${index}`, "1"] as const);
  return [
    ...[...ofType, ...inType].map((one) => ({ one })),
    ...(maxProperties === undefined ? [] : [Object.fromEntries(many)]),
  ];
}

/** The schema of one leaf. @throws Error when the path is not in the schema */
export function schemaOf(schema: StructuralSchema, path: string): StructuralSchema {
  const found = path.split(/\.|(?=\[\])/).reduce<StructuralSchema | undefined>((here, part) => {
    if (part === "[]") return here?.items;
    return part === "*" ? here?.additionalProperties : here?.properties?.[part];
  }, schema);
  if (found === undefined) throw new Error(`no field ${path} in the schema`);
  return found;
}
