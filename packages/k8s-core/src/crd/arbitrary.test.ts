import { assert, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { Blocked } from "../model/outcome.ts";
import { arbitraryOf, mutated } from "./arbitrary.ts";
import { defineCrd } from "./define-crd.ts";
import { statusSchema } from "./status-schema.ts";
import {
  dnsLabel,
  doc,
  duration,
  image,
  intOrString,
  listMap,
  map,
  port,
  quantity,
  set,
} from "./vocabulary.ts";

const wide = defineCrd({
  group: "example.org",
  kind: "Wide",
  plural: "wides",
  scope: "Namespaced",
  version: "v1alpha1",
  status: statusSchema(),
  printerColumns: [],
  spec: z.object({
    name: doc("A label.", dnsLabel()),
    size: doc("A size.", quantity().default("1Gi")),
    surge: doc("A share.", intOrString().optional()),
    grace: doc("A time.", duration().default("30s")),
    image: doc("An image.", image().optional()),
    port: doc("A port.", port().default(8080)),
    labels: doc("Labels.", map(z.string().max(63), { max: 5 }).optional()),
    zones: doc("Zones.", set(dnsLabel(), { max: 4 }).default([])),
    parts: doc(
      "Parts.",
      listMap(z.object({ name: dnsLabel(), weight: z.int32().min(1).default(1) }), ["name"], {
        max: 4,
      }).default([]),
    ),
    mode: doc("A mode.", z.enum(["fast", "slow"]).default("fast")),
    nested: doc("A section.", z.object({ on: doc("A switch.", z.boolean().default(true)) }).prefault({})),
  }),
});
const resource = (spec: unknown): object => ({ metadata: { name: "one" }, spec });

describe("arbitraryOf()", () => {
  test("makes specs that the parser accepts", () => {
    assert(
      property(arbitraryOf(wide), (spec) => {
        expect(wide.parse(resource(spec)).metadata.name).toBe("one");
      }),
    );
  });

  test("parsing what was parsed changes nothing", () => {
    assert(
      property(arbitraryOf(wide), (spec) => {
        const once = wide.parse(resource(spec)).spec;
        expect(wide.parse(resource(once)).spec).toEqual(once);
      }),
    );
  });
});

describe("mutated()", () => {
  test("makes specs that are parsed or refused with a path, never crash", () => {
    assert(
      property(mutated(arbitraryOf(wide)), (spec) => {
        try {
          wide.parse(resource(spec));
        } catch (error) {
          expect(error).toBeInstanceOf(Blocked);
          expect(error instanceof Error && error.message).toMatch(/^spec\./);
        }
      }),
    );
  });
});
