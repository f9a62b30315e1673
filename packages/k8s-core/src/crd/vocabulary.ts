/**
 * Words for writing a spec. Each is an ordinary zod schema whose CRD form is known, so that the API server and the
 * parser accept the same values. Every string, list and map has a maximum, which keeps CEL rules affordable. Pure.
 * @see Kubernetes 1.35, "Extend the API with CustomResourceDefinitions": structural schemas, validation rules
 */
import { z } from "zod";
import { backed, mark } from "./registry.ts";

export const defaultMax = { length: 4096, items: 256, properties: 256 } as const;

/** Description of a field: the CRD's, the reference page's and the editor's. At most 500 characters. */
export function doc<T extends z.ZodType>(text: string, schema: T): T {
  if (text.length > 500)
    throw new Error(
      `A description has at most 500 characters, this one ${text.length}: ${text.slice(0, 60)}…`,
    );
  return mark(schema.clone() as T, { description: text });
}

/** A rule that server (`rule`, CEL) and parser (`check`) hold alike. `fieldPath` as in `.storage`. */
export function cel<T extends z.ZodType>(
  schema: T,
  {
    rule,
    message,
    fieldPath,
    check,
  }: { rule: string; message: string; fieldPath?: string; check: (value: z.output<T>) => boolean },
): T {
  const path = fieldPath?.split(".").filter((part) => part !== "");
  const checked = backed(schema, check, { message, ...(path === undefined ? {} : { path }) });
  return mark(checked, { cel: [{ rule, message, ...(fieldPath === undefined ? {} : { fieldPath }) }] });
}

export const quantityPattern = "^[0-9]+(\\.[0-9]+)?([eE][0-9]+|[KMGTPE]i|[munkMGTPE])?$";

/** A Kubernetes quantity: `5Gi`, `500m`, 2. `parse` turns a number into text before zod sees it, so a default is text. */
export function quantity() {
  return mark(
    z
      .string()
      .max(64)
      .regex(new RegExp(quantityPattern), { message: "must be a quantity such as 5Gi or 500m" }),
    {
      schema: { "x-kubernetes-int-or-string": true, pattern: quantityPattern, maxLength: 64 },
    },
  );
}

/** A whole number or a text such as `25%`. */
export function intOrString() {
  const schema = z.union([z.int(), z.string().max(253)]);
  return mark(schema, { schema: { "x-kubernetes-int-or-string": true, maxLength: 253 } });
}

export const port = () => z.int32().min(1).max(65_535);
export const dnsLabel = () =>
  z
    .string()
    .max(63)
    .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
export const dnsSubdomain = () =>
  z
    .string()
    .max(253)
    .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/);
export const hostName = () =>
  z
    .string()
    .min(1)
    .max(253)
    .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/);
/** A container image: `[registry/]name[:tag][@digest]`. */
export const image = () =>
  z
    .string()
    .min(1)
    .max(500)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._/:@-]*$/);
/** Go's duration with one or more units: `90s`, `1h30m`. */
export const duration = () =>
  z
    .string()
    .max(32)
    .regex(/^([0-9]+(ms|s|m|h))+$/);

/** Any keys, values of one schema. @param key pattern of keys (RE2); @param max most entries */
export function map<V extends z.ZodType>(
  value: V,
  { max = defaultMax.properties, key }: { max?: number; key?: RegExp } = {},
) {
  const record = z.record(z.string().max(253), value);
  const schema = backed(record, (entries) => Object.keys(entries).length <= max, {
    message: `has more than ${max} entries`,
  });
  const marked = mark(schema, { extra: { maxProperties: max } });
  if (key === undefined) return marked;
  return cel(marked, {
    rule: `self.all(k, k.matches(${JSON.stringify(key.source)}))`,
    message: `keys match ${key.source}`,
    check: (entries) => Object.keys(entries).every((name) => key.test(name)),
  });
}

/** A list without repetition. */
export function set<V extends z.ZodType<string | number>>(
  value: V,
  { max = defaultMax.items }: { max?: number } = {},
) {
  const schema = backed(z.array(value).max(max), (list) => new Set(list).size === list.length, {
    message: "has an entry twice",
  });
  return mark(schema, { extra: { "x-kubernetes-list-type": "set" } });
}

/** A list whose entries are told apart by `keys`, each of which is required or has a default. */
export function listMap<V extends z.ZodObject>(
  item: V,
  keys: readonly (keyof V["shape"] & string)[],
  { max = defaultMax.items }: { max?: number } = {},
) {
  const identity = (entry: z.output<V>): string =>
    JSON.stringify(keys.map((key) => (entry as Record<string, unknown>)[key]));
  const schema = backed(z.array(item).max(max), (list) => new Set(list.map(identity)).size === list.length, {
    message: `has two entries with the same ${keys.join(", ")}`,
  });
  return mark(schema, {
    extra: { "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": [...keys] },
  });
}

/** Anything; the server keeps it as written. The code that uses it checks it. Rules (CEL) do not see such a member. */
export function opaque() {
  return mark(z.unknown(), { schema: { "x-kubernetes-preserve-unknown-fields": true } });
}

type OptionalShape<S extends z.ZodRawShape> = {
  [K in keyof S]: S[K] extends z.ZodType ? z.ZodOptional<S[K]> : never;
};

function optionalMembers<S extends Record<string, z.ZodType>>(shape: S) {
  const members = Object.fromEntries(
    Object.entries(shape).map(([name, schema]) => [name, schema.optional()]),
  );
  return z.object(members as OptionalShape<S>);
}

const present = (value: unknown): number =>
  typeof value === "object" && value !== null
    ? Object.values(value).filter((member) => member !== undefined).length
    : 0;
const counted = (names: readonly string[]): string =>
  names.map((name) => `(has(self.${name}) ? 1 : 0)`).join(" + ");

/** A choice: one optional member per variant, exactly one of which is set. */
export function exactlyOneOf<S extends Record<string, z.ZodType>>(shape: S) {
  const names = Object.keys(shape);
  return cel(optionalMembers(shape), {
    rule: `${counted(names)} == 1`,
    message: `set exactly one of ${names.join(", ")}`,
    check: (value) => present(value) === 1,
  });
}

export function atMostOneOf<S extends Record<string, z.ZodType>>(shape: S) {
  const names = Object.keys(shape);
  return cel(optionalMembers(shape), {
    rule: `${counted(names)} <= 1`,
    message: `set at most one of ${names.join(", ")}`,
    check: (value) => present(value) <= 1,
  });
}

/**
 * A member that never changes, is never removed and is never set late. The rule stands on the parent, because a rule
 * on an optional member is bypassed by removing the member.
 */
export function immutable<T extends z.ZodObject>(
  parent: T,
  member: keyof T["shape"] & string,
  message: string,
): T {
  const rule =
    `has(self.${member}) == has(oldSelf.${member}) && ` +
    `(!has(self.${member}) || self.${member} == oldSelf.${member})`;
  return mark(parent.clone() as T, { cel: [{ rule, message, fieldPath: `.${member}` }] });
}
