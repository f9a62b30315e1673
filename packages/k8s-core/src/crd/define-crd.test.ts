import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineCrd } from "./define-crd.ts";
import { statusSchema } from "./status-schema.ts";
import { cel, doc, exactlyOneOf, immutable, listMap, map, opaque, quantity } from "./vocabulary.ts";

const toy = defineCrd({
  group: "example.org",
  kind: "Toy",
  plural: "toys",
  scope: "Namespaced",
  version: "v1alpha1",
  status: statusSchema(),
  printerColumns: [],
  spec: immutable(
    z.object({
      count: doc("How many.", z.int32().min(0).max(5).default(1)),
      size: doc("How big.", quantity().default("5Gi")),
      store: doc("Where.", exactlyOneOf({ disk: z.object({ path: z.string() }), cloud: z.object({}) })),
      options: doc("Anything.", map(opaque(), { max: 2 }).optional()),
      logging: doc("Logs.", z.object({ debug: z.boolean().default(false) }).prefault({})),
      parts: doc(
        "Parts.",
        listMap(z.object({ name: z.string(), weight: z.int().optional() }), ["name"]).optional(),
      ),
      even: doc(
        "An even number.",
        cel(z.int32(), {
          rule: "self % 2 == 0",
          message: "must be even",
          check: (n) => n % 2 === 0,
        }).optional(),
      ),
    }),
    "size",
    "the size never changes",
  ),
});

const resource = (spec: object): object => ({ metadata: { name: "toy" }, spec });
const messageOf = (spec: object): string => {
  try {
    toy.parse(resource(spec));
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
};

describe("parse()", () => {
  test("fills defaults at every depth and freezes the result", () => {
    const { spec } = toy.parse(resource({ store: { cloud: {} } }));
    expect(spec).toEqual({ count: 1, size: "5Gi", store: { cloud: {} }, logging: { debug: false } });
    expect(Object.isFrozen(spec.logging)).toBe(true);
  });

  test("takes null for absent, but keeps it inside what is opaque", () => {
    const { spec } = toy.parse(resource({ store: { cloud: {} }, count: null, options: { a: { b: null } } }));
    expect(spec.count).toBe(1);
    expect(spec.options).toEqual({ a: { b: null } });
  });

  test("turns a quantity that was written as a number into text", () => {
    expect(toy.parse(resource({ store: { cloud: {} }, size: 2 })).spec.size).toBe("2");
  });

  test("names every bad field at once, and the field that was probably meant", () => {
    expect(messageOf({ cuont: 2, size: "big", store: {}, even: 3 })).toBe(
      "spec.cuont: unknown field, did you mean count?; spec.size: must be a quantity such as 5Gi or 500m; " +
        "spec.store: set exactly one of disk, cloud; spec.even: must be even",
    );
  });

  test("refuses a name with which the name of a Service cannot begin", () => {
    const named = (name: string) => () =>
      toy.parse({ metadata: { name }, spec: { store: { cloud: {} } } }).metadata.name;
    for (const name of ["a", "a1", "a-1", "a.1-b"]) expect(named(name)()).toBe(name);
    for (const name of ["1", "1a", "-a", "a-", "A", "a_b", "a..b", "a.", ""])
      expect(named(name)).toThrow("metadata.name: must begin with a letter");
  });

  test("refuses two entries of a list map with one key, and more entries than a map may have", () => {
    expect(messageOf({ store: { cloud: {} }, parts: [{ name: "a" }, { name: "a" }] })).toContain(
      "the same name",
    );
    expect(messageOf({ store: { cloud: {} }, options: { a: 1, b: 2, c: 3 } })).toContain(
      "more than 2 entries",
    );
  });
});

describe("toCrd()", () => {
  const { spec } = toy.toCrd() as unknown as {
    spec: {
      versions: [
        { schema: { openAPIV3Schema: { properties: { spec: { properties: Record<string, object> } } } } },
      ];
    };
  };
  const schema = spec.versions[0].schema.openAPIV3Schema.properties.spec;

  test("writes defaults, bounds and markers that a structural schema may have", () => {
    expect(schema.properties).toMatchObject({
      count: {
        type: "integer",
        format: "int32",
        minimum: 0,
        maximum: 5,
        default: 1,
        description: "How many.",
      },
      size: { "x-kubernetes-int-or-string": true, default: "5Gi" },
      logging: { default: {}, properties: { debug: { default: false } } },
      options: { type: "object", "x-kubernetes-preserve-unknown-fields": true, maxProperties: 2 },
      parts: { "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"], maxItems: 256 },
    });
  });

  test("carries the rules of a choice and of an immutable member", () => {
    expect(schema).toMatchObject({
      "x-kubernetes-validations": [{ message: "the size never changes", fieldPath: ".size" }],
      properties: { store: { "x-kubernetes-validations": [{ message: "set exactly one of disk, cloud" }] } },
    });
  });

  test("refuses a pattern that the server could not compile", () => {
    const bad = () =>
      defineCrd({
        group: "example.org",
        kind: "Bad",
        plural: "bads",
        scope: "Namespaced",
        version: "v1",
        status: statusSchema(),
        printerColumns: [],
        spec: z.object({ a: z.string().regex(/^(?=x)/) }),
      });
    expect(bad).toThrow("look-around");
  });
});

test("leaves() lists every field with its default", () => {
  expect(toy.leaves().map(({ path }) => path)).toEqual([
    "count",
    "size",
    "store.disk.path",
    "store.cloud",
    "options",
    "logging.debug",
    "parts[].name",
    "parts[].weight",
    "even",
  ]);
});
