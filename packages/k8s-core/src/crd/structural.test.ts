import { describe, expect, test } from "vitest";
import { z } from "zod";
import { structuralOf } from "./structural.ts";
import { cel, doc, dnsLabel, intOrString, opaque, quantity } from "./vocabulary.ts";

const of = (schema: z.ZodType): object => structuralOf(schema, "spec");

describe("structuralOf()", () => {
  test("refuses what the parser would check and the server would not", () => {
    expect(() => of(z.object({ a: z.string().refine((text) => text !== "x") }))).toThrow("bare refine");
    expect(() => of(z.object({ a: z.string().trim() }))).toThrow("change of the value");
    expect(() => of(z.object({ a: z.string().catch("x") }))).toThrow("catch");
  });

  test("refuses forms that no CRD has", () => {
    expect(() => of(z.object({ a: z.string() }).catchall(z.string()))).toThrow(
      "fixed members beside free ones",
    );
    expect(() =>
      of(z.object({ a: z.intersection(z.object({ b: z.string() }), z.object({ c: z.string() })) })),
    ).toThrow("intersection");
    expect(() => of(z.object({ a: z.date() }))).toThrow();
  });

  test("keeps both of two patterns", () => {
    expect(of(z.string().max(9).regex(/^a/).regex(/b$/))).toMatchObject({
      type: "string",
      allOf: [{ pattern: "^a" }, { pattern: "b$" }],
    });
  });

  test("keeps the default of a quantity, whichever way it is given", () => {
    expect(of(z.object({ a: quantity().default("1Gi"), b: quantity().prefault("2Gi") }))).toMatchObject({
      properties: { a: { default: "1Gi" }, b: { default: "2Gi", "x-kubernetes-int-or-string": true } },
    });
  });

  test("gives every string, list and map a maximum", () => {
    expect(
      of(z.object({ a: z.string(), b: z.array(z.string()), c: z.record(z.string(), z.string()) })),
    ).toMatchObject({
      properties: {
        a: { maxLength: 4096 },
        b: { maxItems: 256, items: { maxLength: 4096 } },
        c: { maxProperties: 256, additionalProperties: { maxLength: 4096 } },
      },
    });
  });

  test("drops the bounds that zod adds to every integer", () => {
    expect(of(z.int())).toEqual({ type: "integer", format: "int64" });
  });

  test("calls int or string by the keyword of its own, and leaves other unions to the parser", () => {
    expect(of(intOrString())).toMatchObject({ "x-kubernetes-int-or-string": true });
    expect(of(z.union([z.string(), z.object({ a: z.string() })]))).toEqual({
      "x-kubernetes-preserve-unknown-fields": true,
    });
    expect(of(opaque())).toEqual({ "x-kubernetes-preserve-unknown-fields": true });
  });

  test("documents one schema differently in two places", () => {
    const label = dnsLabel();
    expect(of(z.object({ a: doc("One.", label), b: doc("Two.", label) }))).toMatchObject({
      properties: { a: { description: "One." }, b: { description: "Two." } },
    });
  });

  test("collects the rules of one schema", () => {
    const low = cel(z.int(), { rule: "self > 1", message: "low", check: (n) => n > 1 });
    const both = cel(low, { rule: "self < 9", message: "high", check: (n) => n < 9 });
    expect(of(both)).toMatchObject({ "x-kubernetes-validations": [{ message: "low" }, { message: "high" }] });
  });
});
