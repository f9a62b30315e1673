/**
 * Specs made from the published schema, for property tests: what the schema allows, and the same with one thing wrong.
 * Of the rules (CEL) only choices are followed: a value may break another one, and then parser and server must both
 * say no. Needs fast-check.
 */
import * as fc from "fast-check";
import type { CrdDefinition } from "./define-crd.ts";
import type { StructuralSchema } from "./structural.ts";

export interface ArbitraryOptions {
  /** Values for paths such as `scheduler.config`: for free-form fields, and where a rule is rarely met by chance. */
  readonly at?: Readonly<Record<string, fc.Arbitrary<unknown>>>;
}

/** Values that the schema of `spec` allows. A free-form member without an entry in `at` is left out. */
export function arbitraryOf(
  { structural }: Pick<CrdDefinition, "structural">,
  { at = {} }: ArbitraryOptions = {},
): fc.Arbitrary<object> {
  return arbitrary(structural.spec, "", at).map((value) => Object(value) as object);
}

/** A value of `base` with one change: an unknown member, or one member with a value of another type. */
export function mutated(base: fc.Arbitrary<object>): fc.Arbitrary<object> {
  const wrong = fc.constantFrom<unknown>(true, -1.5, "\u0000", [[]], { surprise: 1 });
  return fc.tuple(base, fc.nat(), wrong, fc.boolean()).map(([value, seed, other, isUnknown]) => {
    const copy: object = structuredClone(value);
    const places = placesOf(copy);
    const place = places[seed % places.length] ?? copy;
    const members = Object.keys(place);
    const name = isUnknown ? "surprise" : (members[seed % Math.max(1, members.length)] ?? "surprise");
    Reflect.set(place, name, other);
    return copy;
  });
}

function placesOf(value: unknown): readonly object[] {
  if (typeof value !== "object" || value === null) return [];
  return [...(Array.isArray(value) ? [] : [value]), ...Object.values(value).flatMap(placesOf)];
}

type At = Readonly<Record<string, fc.Arbitrary<unknown>>>;

function arbitrary(schema: StructuralSchema, path: string, at: At): fc.Arbitrary<unknown> {
  const given = at[path];
  if (given !== undefined) return given;
  if (schema["x-kubernetes-int-or-string"] === true) return fc.oneof(fc.nat({ max: 100 }), text(schema));
  if (schema["x-kubernetes-preserve-unknown-fields"] === true)
    return schema.type === "object"
      ? fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 2 })
      : fc.jsonValue({ maxDepth: 2 });
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case "object":
      return objectArbitrary(schema, path, at);
    case "array":
      return listArbitrary(schema, path, at);
    case "string":
      return text(schema);
    case "integer":
      return fc.integer({ min: schema.minimum ?? -1000, max: Math.min(schema.maximum ?? 1000, 2 ** 31 - 1) });
    case "number":
      return fc.integer({
        min: Math.ceil(schema.minimum ?? -1000) + 1,
        max: Math.floor(schema.maximum ?? 1000),
      });
    case "boolean":
      return fc.boolean();
    default:
      throw new Error(`${path}: no values can be made for type ${schema.type}`);
  }
}

function objectArbitrary(schema: StructuralSchema, path: string, at: At): fc.Arbitrary<unknown> {
  const { additionalProperties, properties = {}, required = [] } = schema;
  if (additionalProperties !== undefined) {
    if (isFree(additionalProperties) && at[`${path}.*`] === undefined) return fc.constant({});
    const keys = fc.stringMatching(/^[a-z]{1,8}$/);
    const maxKeys = Math.min(3, schema.maxProperties ?? 3);
    return fc.dictionary(keys, arbitrary(additionalProperties, `${path}.*`, at), { maxKeys });
  }
  const members = Object.entries(properties).flatMap(([name, child]) => {
    const here = path === "" ? name : `${path}.${name}`;
    if (isFree(child) && at[here] === undefined && !required.includes(name)) return [];
    return [[name, arbitrary(child, here, at)] as const];
  });
  const choice = choiceOf(schema);
  const optional = members
    .map(([name]) => name)
    .filter((name) => !required.includes(name) && choice?.names.includes(name) !== true);
  const chosen: fc.Arbitrary<readonly string[]> =
    choice === undefined
      ? fc.constant([])
      : fc.subarray([...choice.names], { minLength: choice.min, maxLength: 1 });
  const names = fc.tuple(
    fc.subarray(optional, { maxLength: Math.min(maxOptional, optional.length) }),
    chosen,
  );
  return names.chain(([some, one]) =>
    fc.record(
      Object.fromEntries(
        members.filter(([name]) => required.includes(name) || some.includes(name) || one.includes(name)),
      ),
      { noNullPrototype: true },
    ),
  );
}

/** Few at a time: a spec of a hundred members with one that breaks a rule says nothing about the other ninety-nine. */
const maxOptional = 3;

/** A sum of presences, as our words write it, and a count of them, as people do. */
const choiceForms = [
  /^(\(has\(self\.\w+\) \? 1 : 0\)( \+ )?)+ (==|<=) 1$/,
  /^\[(has\(self\.\w+\)(, )?)+\]\.filter\(x, x\)\.size\(\) (==|<=) 1$/,
];

/** Members of `exactlyOneOf` and `atMostOneOf`, read off the rule that these words write. */
function choiceOf(
  schema: StructuralSchema,
): { readonly names: readonly string[]; readonly min: 0 | 1 } | undefined {
  for (const { rule } of schema["x-kubernetes-validations"] ?? []) {
    if (!choiceForms.some((form) => form.test(rule))) continue;
    const names = [...rule.matchAll(/self\.(\w+)/g)].flatMap(([, name]) => name ?? []);
    return { names, min: rule.endsWith("== 1") ? 1 : 0 };
  }
  return undefined;
}

function listArbitrary(schema: StructuralSchema, path: string, at: At): fc.Arbitrary<unknown> {
  const items = schema.items ?? {};
  const bounds = {
    minLength: schema.minItems ?? 0,
    maxLength: Math.min(Math.max(3, schema.minItems ?? 0), schema.maxItems ?? 3),
  };
  const one = isFree(items) && at[`${path}[]`] === undefined ? undefined : arbitrary(items, `${path}[]`, at);
  if (one === undefined) return fc.constant([]);
  const keys = schema["x-kubernetes-list-map-keys"];
  if (keys !== undefined) {
    const selector = (value: unknown): string =>
      JSON.stringify(keys.map((key) => Reflect.get(Object(value), key) ?? items.properties?.[key]?.default));
    return fc.uniqueArray(one, { ...bounds, selector });
  }
  return schema["x-kubernetes-list-type"] === "set" ? fc.uniqueArray(one, bounds) : fc.array(one, bounds);
}

function text({ pattern, format, minLength = 0, maxLength = 20 }: StructuralSchema): fc.Arbitrary<string> {
  if (format === "date-time") return fc.constant("2026-01-01T00:00:00Z");
  const max = Math.min(maxLength, Math.max(minLength, 20));
  if (pattern === undefined) return fc.string({ minLength, maxLength: max });
  return fc
    .stringMatching(new RegExp(pattern), { size: "small" })
    .filter((value) => value.length >= minLength && value.length <= maxLength);
}

const isFree = (schema: StructuralSchema): boolean =>
  schema["x-kubernetes-preserve-unknown-fields"] === true && schema.type === undefined;
