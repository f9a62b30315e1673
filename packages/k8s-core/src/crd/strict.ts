/**
 * What the API server checks and zod does not: unknown fields, and the maxima that the CRD adds. With it, `render`
 * offline refuses what the server would refuse. Pure.
 */
import type { StructuralSchema } from "./structural.ts";

export interface Problem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export function strictProblems(
  schema: StructuralSchema,
  value: unknown,
  path: readonly (string | number)[] = [],
): readonly Problem[] {
  if (schema["x-kubernetes-preserve-unknown-fields"] === true || value === undefined) return [];
  if (typeof value === "string") return atMost(value.length, schema.maxLength, "characters", path);
  if (Array.isArray(value)) {
    const { items } = schema;
    return [
      ...atMost(value.length, schema.maxItems, "entries", path),
      ...(items === undefined
        ? []
        : value.flatMap((entry, index) => strictProblems(items, entry, [...path, index]))),
    ];
  }
  if (typeof value !== "object" || value === null) return [];
  const members = Object.entries(value);
  const { properties, additionalProperties } = schema;
  if (additionalProperties !== undefined) {
    return [
      ...atMost(members.length, schema.maxProperties, "entries", path),
      ...members.flatMap(([name, member]) => strictProblems(additionalProperties, member, [...path, name])),
    ];
  }
  if (properties === undefined) return [];
  return members.flatMap(([name, member]) => {
    const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (known !== undefined) return strictProblems(known, member, [...path, name]);
    return member === undefined
      ? []
      : [{ path: [...path, name], message: `unknown field${suggestion(name, Object.keys(properties))}` }];
  });
}

function atMost(
  size: number,
  max: number | undefined,
  what: string,
  path: readonly (string | number)[],
): readonly Problem[] {
  return max === undefined || size <= max
    ? []
    : [{ path, message: `has ${size} ${what}, at most ${max} are allowed` }];
}

/** The field that was probably meant: the same letters in another spelling, or one letter off. */
function suggestion(name: string, known: readonly string[]): string {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[_-]/g, "");
  const meant =
    known.find((one) => plain(one) === plain(name)) ??
    known.find((one) => distance(plain(one), plain(name)) <= 2 && one.length > 3);
  return meant === undefined ? "" : `, did you mean ${meant}?`;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
