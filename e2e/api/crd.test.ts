/**
 * The generated CRDs against a real API server: every file of `crds/` is accepted as written, and what our parser says
 * about a spec is what the server says, for values made from the schema and for the same with one thing wrong.
 */
import { readdirSync, readFileSync } from "node:fs";
import { ApiError, type Client, connect, kinds } from "@zuul-pulp/k8s-core";
import {
  cel,
  type CrdDefinition,
  defineCrd,
  dnsLabel,
  dnsSubdomain,
  doc,
  duration,
  exactlyOneOf,
  hostName,
  image,
  immutable,
  intOrString,
  listMap,
  map,
  opaque,
  port,
  quantity,
  set,
  statusSchema,
} from "@zuul-pulp/k8s-core/crd";
import { arbitraryOf, mutated } from "@zuul-pulp/k8s-core/crd-testing";
import { Blocked, type Manifest } from "@zuul-pulp/k8s-core/model";
import { pulpDefinition } from "@zuul-pulp/pulp";
import { zuulDefinition } from "@zuul-pulp/zuul";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { type Cluster, openCluster } from "../cluster/cluster.ts";
import { installDefinitions, kindOf } from "../lab/definitions.ts";

const fieldManager = "crd-test";

const wide = defineCrd({
  group: "example.zuul-pulp.io",
  kind: "Wide",
  plural: "wides",
  scope: "Namespaced",
  version: "v1alpha1",
  status: statusSchema(),
  printerColumns: [
    { name: "Ready", type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
  ],
  selectableFields: [".spec.name"],
  scale: { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.observedGeneration" },
  spec: immutable(
    z.object({
      name: doc("A label.", dnsLabel()),
      host: doc("A host.", hostName().optional()),
      config: doc("An object.", dnsSubdomain().optional()),
      replicas: doc("How many.", z.int32().min(0).max(5).default(1)),
      size: doc("A size.", quantity().default("1Gi")),
      surge: doc("A share.", intOrString().default("25%")),
      grace: doc("A time.", duration().default("30s")),
      image: doc("An image.", image().optional()),
      port: doc("A port.", port().default(8080)),
      labels: doc("Labels.", map(z.string().max(63), { max: 2, key: /^[a-z]{1,7}$/ }).optional()),
      zones: doc("Zones.", set(dnsLabel(), { max: 2 }).default([])),
      parts: doc(
        "Parts.",
        listMap(z.object({ name: dnsLabel(), weight: z.int32().min(1).default(1) }), ["name"], {
          max: 4,
        }).default([]),
      ),
      mode: doc("A mode.", z.enum(["fast", "slow"]).default("fast")),
      nested: doc("A section.", z.object({ on: doc("A switch.", z.boolean().default(true)) }).prefault({})),
      anything: doc("Kept as written.", opaque().optional()),
      store: doc(
        "Where.",
        exactlyOneOf({
          disk: z.object({ path: z.string().max(50) }),
          cloud: z.object({ bucket: dnsLabel() }),
        }).optional(),
      ),
      pair: doc(
        "Low is below high.",
        cel(z.object({ low: z.int32(), high: z.int32() }), {
          rule: "self.low < self.high",
          message: "low must be below high",
          check: ({ low, high }) => low < high,
        }).optional(),
      ),
    }),
    "image",
    "the image never changes",
  ),
});

/** Values where chance rarely meets a rule. */
const wideValues = {
  pair: fc.tuple(fc.nat(9), fc.nat(9)).map(([low, high]) => ({ low, high: low + high })),
  labels: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.constant("x"), { maxKeys: 2 }),
};

const configName = fc.constantFrom("tenants", "nodepool");

const products = [
  {
    definition: zuulDefinition,
    from: { scheduler: { config: "tenants" } },
    at: {
      "scheduler.config": configName,
      "launcher.config": configName,
      "builder.config": configName,
      "jobVolumes[].volume": fc.constant({ emptyDir: {} }),
    },
  },
  {
    definition: pulpDefinition,
    from: {},
    at: { expose: fc.constantFrom({ type: "ClusterIP" }, { type: "Ingress", host: "pulp.example.com" }) },
  },
];

let cluster: Cluster;
let client: Client;
let close: () => void;

beforeAll(async () => {
  cluster = await openCluster({ provider: "native", nodes: "simulated", log: () => undefined });
  const connection = await connect({ kubeconfig: cluster.kubeconfig, userAgent: fieldManager });
  client = connection.client;
  close = () => connection.close();
  await installDefinitions(client, [wide, zuulDefinition, pulpDefinition]);
});

afterAll(async () => {
  close?.();
  await cluster?.down();
});

const resourceOf = ({ apiVersion, kind }: CrdDefinition, spec: unknown, name = "one"): Manifest => ({
  apiVersion,
  kind,
  metadata: { name, namespace: "default" },
  spec,
});

let made = 0;
function newName(): string {
  made += 1;
  return `value-${made}`;
}

/** The stored spec with its defaults, or the refusal. */
async function serverSays(
  definition: CrdDefinition,
  spec: unknown,
  name = newName(),
): Promise<{ spec: unknown } | { refused: string }> {
  try {
    const manifest = resourceOf(definition, spec, name);
    const live = await client.create(kindOf(definition), "default", manifest, { fieldManager });
    return { spec: live["spec"] };
  } catch (error) {
    if (error instanceof ApiError) return { refused: error.answer.message };
    throw error;
  }
}

function parserSays(
  definition: CrdDefinition,
  spec: unknown,
  name?: string,
): { spec: unknown } | { refused: string } {
  try {
    return { spec: definition.parse(resourceOf(definition, spec, name)).spec };
  } catch (error) {
    if (error instanceof Blocked) return { refused: error.message };
    throw error;
  }
}

/** Fails with both answers when one accepts what the other refuses. @returns whether both accept */
async function oneVerdict(definition: CrdDefinition, spec: unknown): Promise<boolean> {
  const [server, parser] = [await serverSays(definition, spec), parserSays(definition, spec)];
  const agree =
    "refused" in parser
      ? "refused" in server || isFreeForm(definition, parser.refused)
      : !("refused" in server);
  expect({ spec, server, parser, agree }).toMatchObject({ agree: true });
  return !("refused" in server);
}

/** Members whose type a CRD cannot say (text or object) are checked by the parser alone, and the reference page says so. */
function isFreeForm(definition: CrdDefinition, refusal: string): boolean {
  const roots = definition
    .leaves()
    .flatMap(({ path, type }) => (type.endsWith("any") ? [path.split(/[.]?[*[]/)[0] ?? path] : []));
  return roots.some((path) => refusal.includes(`spec.${path}`));
}

/** Runs the property and says how many of a hundred values were accepted. */
async function acceptedShare(
  definition: CrdDefinition,
  specs: fc.Arbitrary<object>,
  numRuns: number,
): Promise<number> {
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(specs, async (spec) => {
      if (await oneVerdict(definition, spec)) accepted += 1;
    }),
    { numRuns },
  );
  return (100 * accepted) / numRuns;
}

describe("files of crds/", () => {
  const files = readdirSync("crds").filter((name) => name.endsWith(".yaml"));

  test.each(files)("%s is accepted by the server without a warning about its schema", async (name) => {
    const crd: Manifest = parse(readFileSync(`crds/${name}`, "utf8"));
    const { object } = await client.apply(kinds.CustomResourceDefinition, undefined, crd, {
      fieldManager,
      force: true,
    });
    await vi.waitFor(
      async () => {
        const live = await client.get(kinds.CustomResourceDefinition, undefined, object.metadata.name);
        expect(live?.["status"]).toMatchObject({
          conditions: expect.arrayContaining([
            expect.objectContaining({ type: "Established", status: "True" }),
          ]),
        });
        expect(JSON.stringify(live?.["status"])).not.toContain("NonStructuralSchema");
      },
      { timeout: 60_000 },
    );
  });
});

describe("parser and server", () => {
  test("agree about values that the schema allows, and accept most", async () => {
    expect(await acceptedShare(wide, arbitraryOf(wide, { at: wideValues }), 150)).toBeGreaterThan(50);
  });

  test("agree about values with one thing wrong, and refuse most", async () => {
    expect(await acceptedShare(wide, mutated(arbitraryOf(wide, { at: wideValues })), 250)).toBeLessThan(50);
  });

  test("fill in the same defaults", async () => {
    const least = { name: "a" };
    const server = await serverSays(wide, least);
    expect(server).toEqual(parserSays(wide, least));
    expect(await serverSays(wide, { name: "a", parts: [{ name: "x" }], nested: {} })).toEqual(
      parserSays(wide, { name: "a", parts: [{ name: "x" }], nested: {} }),
    );
  });

  test.each(products)(
    "agree about a $definition.kind, right or with one thing wrong",
    async ({ definition, at, from }) => {
      const specs = arbitraryOf(definition, { at }).map((spec) => ({ ...from, ...spec }));
      expect(await acceptedShare(definition, specs, 60)).toBeGreaterThan(50);
      await acceptedShare(definition, mutated(specs), 60);
    },
  );
});

describe("a name", () => {
  const least = [
    { definition: wide, spec: { name: "a" } },
    { definition: zuulDefinition, spec: { scheduler: { config: "tenants" } } },
    { definition: pulpDefinition, spec: { storage: { filesystem: {} } } },
  ];

  test.each(least)(
    "of a $definition.kind that begins with a digit is refused by both in the same words",
    async ({ definition, spec }) => {
      const refused = expect.stringContaining("metadata.name: must begin with a letter");
      const parser = parserSays(definition, spec, "1a");
      expect(parser).toEqual({ refused });
      const words = "refused" in parser ? parser.refused : "";
      expect(await serverSays(definition, spec, "1a")).toEqual({ refused: expect.stringContaining(words) });
    },
  );

  test.each(least)(
    "of a $definition.kind may hold digits, hyphens and points further on",
    async ({ definition, spec }) => {
      expect(await serverSays(definition, spec, "a1.2-b")).not.toHaveProperty("refused");
      expect(parserSays(definition, spec, "a1.2-b")).not.toHaveProperty("refused");
    },
  );
});

describe("immutable()", () => {
  test("holds against change, removal and late setting", async () => {
    const apply = (name: string, spec: object) =>
      client.apply(kindOf(wide), "default", resourceOf(wide, spec, name), { fieldManager, force: true });
    await apply("fixed", { name: "a", image: "example.org/a:1" });
    const refusal = { answer: { message: expect.stringContaining("never changes") } };
    await expect(apply("fixed", { name: "a", image: "example.org/a:2" })).rejects.toMatchObject(refusal);
    await expect(apply("fixed", { name: "a" })).rejects.toMatchObject(refusal);
    await apply("unset", { name: "a" });
    await expect(apply("unset", { name: "a", image: "example.org/a:1" })).rejects.toMatchObject(refusal);
    await expect(apply("fixed", { name: "a", image: "example.org/a:1", replicas: 3 })).resolves.toBeDefined();
  });
});
