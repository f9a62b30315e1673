/**
 * What a person or a cluster does wrong: each has a stable reason, an event, words that say what to do, no hot loop, and
 * is healed when it is corrected. The example operator, and one that needs a kind which the cluster does not serve.
 */
import { defineController, kinds, type KindSpec, rulesFor } from "@zuul-pulp/k8s-core";
import type { LiveObject, Manifest } from "@zuul-pulp/k8s-core/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { boardDefinition } from "../../examples/board-operator/src/board.ts";
import { boardController, boardOperator } from "../../examples/board-operator/src/operator.ts";
import { isWrite } from "../lab/audit.ts";
import { conditionOf, eventually, field, isReady, until, word } from "../lab/look.ts";
import { person } from "../lab/person.ts";
import { board, boards, type Lab, openLab } from "./harness.ts";
import { inProcess } from "./in-process.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
  await lab.admin.apply(kinds.CustomResourceDefinition, undefined, loosened(), person);
}, 300_000);
afterAll(async () => await lab[Symbol.asyncDispose]());

/** The definition of somebody who took the validation out: then the operator is the only one who checks. */
function loosened(): Manifest {
  const crd = structuredClone(boardDefinition.toCrd());
  const schema: unknown = field(crd["spec"], "versions", 0, "schema", "openAPIV3Schema");
  const properties = Object(field(schema, "properties"));
  properties.spec = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  delete Object(schema)["x-kubernetes-validations"];
  return crd;
}

const has = (reason: string) => (live: LiveObject) => conditionOf(live, "Ready", "reason") === reason;

/** The same reason, sentence and version of the resource for a while, in which nothing is written. */
async function isStable(
  kind: KindSpec,
  namespace: string,
  name: string,
  reason: string,
): Promise<LiveObject> {
  await until(lab.admin, kind, namespace, name, has(reason));
  await lab.rest(namespace, 3000, isWrite);
  return await until(lab.admin, kind, namespace, name, has(reason));
}

async function eventsOf(namespace: string, reason: string): Promise<readonly LiveObject[]> {
  return (await lab.admin.list(kinds.Event, namespace)).items.filter((event) => event["reason"] === reason);
}

describe.concurrent("a resource that the operator cannot carry out", () => {
  test.each<[string, string, object, readonly string[]]>([
    ["an unknown field", "unknown", { colour: "red" }, ["spec.colour", "unknown field"]],
    ["a wrong type", "wrong", { replicas: "many" }, ["spec.replicas"]],
  ])("has %s: named, and healed when it is corrected", async (_, namespace, wrong, words) => {
    const { operator: start } = await lab.room(namespace);
    const operator = await start();
    await lab.admin.apply(boards, namespace, board("a", wrong), person);
    const blocked = await isStable(boards, namespace, "a", "InvalidSpec");
    expect(conditionOf(blocked, "Stalled")).toBe("True");
    for (const one of words) expect(conditionOf(blocked, "Ready", "message")).toContain(one);
    const [event, ...more] = await eventsOf(namespace, "InvalidSpec");
    expect([event?.["type"], event?.["note"], more.length]).toEqual([
      "Warning",
      conditionOf(blocked, "Ready", "message"),
      0,
    ]);
    await lab.admin.apply(boards, namespace, board("a"), person);
    await until(lab.admin, boards, namespace, "a", isReady);
    expect(await operator.end()).toBe(0);
  });

  test("has a name too long for its children: named; a shorter one works", async () => {
    const { namespace, operator: start } = await lab.room("long");
    const operator = await start();
    const name = "a".repeat(60);
    await lab.admin.apply(boards, namespace, board(name), person);
    const blocked = await isStable(boards, namespace, name, "InvalidSpec");
    expect(conditionOf(blocked, "Ready", "message")).toContain("at most 52");
    expect(await eventsOf(namespace, "InvalidSpec")).toHaveLength(1);
    await lab.admin.delete(boards, namespace, blocked.metadata);
    await lab.admin.apply(boards, namespace, board("a".repeat(52)), person);
    await until(lab.admin, boards, namespace, "a".repeat(52), isReady);
    expect(await operator.end()).toBe(0);
  });

  test("needs a kind that the cluster does not serve: named, and healed when it is", async () => {
    const { namespace } = await lab.room("missing");
    const gauges: KindSpec = {
      apiVersion: "gauges.example.org/v1",
      kind: "Gauge",
      plural: "gauges",
      namespaced: true,
    };
    const controller = defineController({
      ...boardController,
      owns: [...boardController.owns, gauges],
      reconcile: async (raw, io) => {
        const { metadata } = boardDefinition.parse(raw);
        const gauge = { apiVersion: gauges.apiVersion, kind: "Gauge", metadata: { name: metadata.name } };
        await io.apply({
          stages: [{ name: "only", manifests: [gauge] }],
          notices: [],
          deletionPolicy: "Retain",
        });
        return { components: [], conditions: [] };
      },
    });
    expect(rulesFor([controller]).some(({ apiGroups }) => apiGroups.includes("gauges.example.org"))).toBe(
      true,
    );
    const operator = { ...boardOperator, controllers: [controller] };
    await using _running = inProcess({ operator, kubeconfig: lab.cluster.kubeconfig, namespace });
    await lab.admin.apply(boards, namespace, board("a"), person);
    const waiting = await isStable(boards, namespace, "a", "DependencyMissing");
    expect(conditionOf(waiting, "Ready", "message")).toContain("install what provides it");
    expect(await eventsOf(namespace, "DependencyMissing")).toHaveLength(1);
    const crd = {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "gauges.gauges.example.org" },
      spec: {
        group: "gauges.example.org",
        scope: "Namespaced",
        names: { kind: "Gauge", plural: "gauges", singular: "gauge", listKind: "GaugeList" },
        versions: [
          { name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } },
        ],
      },
    };
    await lab.admin.apply(kinds.CustomResourceDefinition, undefined, crd, person);
    // A kind that was missing is looked for within a minute.
    await until(lab.admin, boards, namespace, "a", isReady, 100_000);
  });

  test("lies in a namespace that is going: nothing is made there, and the operator works on elsewhere", async () => {
    const home = await lab.room("elsewhere");
    const { namespace } = await lab.room("going");
    // Something that nobody removes holds the namespace while it goes.
    const keeper = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "keeper", finalizers: ["example.org/keep"] },
    };
    await lab.admin.create(kinds.ConfigMap, namespace, keeper, person);
    const resource = { ...board("a"), metadata: { name: "a", finalizers: ["example.org/keep"] } };
    await lab.admin.create(boards, namespace, { ...resource, spec: { text: "later", paused: true } }, person);
    const env = { WATCH_NAMESPACE: "elsewhere,going" };
    const operator = await home.operator({ env, rightsIn: [namespace] });
    const going = await lab.admin.get(kinds.Namespace, undefined, namespace);
    if (going === undefined) throw new Error("no namespace");
    await lab.admin.delete(kinds.Namespace, undefined, going.metadata);
    const mark = await lab.audit.mark();
    await lab.admin.apply(boards, home.namespace, board("b"), person);
    await until(lab.admin, boards, home.namespace, "b", isReady);
    const asked = (await lab.asked(mark, namespace)).filter(isWrite);
    expect(asked.length).toBeLessThan(5);
    for (const [kind, name] of [
      [boards, "a"],
      [kinds.ConfigMap, "keeper"],
    ] as const)
      await lab.admin.mergePatch(kind, namespace, name, { metadata: { finalizers: null } }, person);
    await eventually(
      async () => (await lab.admin.get(kinds.Namespace, undefined, namespace)) === undefined,
      60_000,
    );
    expect(await operator.end()).toBe(0);
  });
});

describe("words that repeat", () => {
  test("are counted in one event", async () => {
    const { namespace, operator: start } = await lab.room("series");
    const operator = await start();
    await lab.admin.apply(boards, namespace, board("a"), person);
    await until(lab.admin, boards, namespace, "a", isReady);
    const edit = { data: { "index.html": "theirs" } };
    for (let round = 0; round < 3; round += 1) {
      await lab.admin.mergePatch(kinds.ConfigMap, namespace, "a-web", edit, { fieldManager: "gitops" });
      await until(lab.admin, kinds.ConfigMap, namespace, "a-web", (now) =>
        word(now, "data", "index.html").includes("hello"),
      );
    }
    await eventually(async () =>
      (await eventsOf(namespace, "Applied")).some(
        (event) => event["note"] === "configured ConfigMap a-web" && field(event, "series", "count") === 3,
      ),
    );
    expect(await operator.end()).toBe(0);
  });
});
