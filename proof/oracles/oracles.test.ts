import { describe, expect, test } from "vitest";
import type { State } from "../lab/state.ts";
import { callOf } from "../proxy/call.ts";
import type { Seen } from "../proxy/proxy.ts";
import { install } from "../scenarios/install.ts";
import { allOracles, type Evidence, type Run } from "./oracle.ts";

const scenario = install("zuul");

const state = (members: Partial<State> = {}): State => ({
  objects: new Map([["Service @-web", "{}"]]),
  generated: new Map([["Secret @-ca", "hash"]]),
  data: new Map([["PersistentVolumeClaim @-data", "uid"]]),
  rolling: [],
  ...members,
});

const seen = (method: string, path: string, status: number): Seen => ({
  call: callOf(
    {
      method,
      path: `/api/v1/namespaces/n/${path}`,
      accept: "",
      contentType: "application/apply-patch+yaml",
      body: "",
    },
    "one",
  ),
  ordinal: 1,
  status,
  atMs: 0,
});

const run = (members: Partial<Run> = {}): Run => ({
  before: state(),
  after: state(),
  unsettled: [],
  seen: [seen("PATCH", "services/one-web", 201)],
  heard: [],
  hasStruck: true,
  atRest: [],
  log: [],
  stray: "",
  ...members,
});

async function verdicts(disturbed: Run): Promise<readonly string[]> {
  const evidence: Evidence = { scenario, reference: run(), run: disturbed };
  const oracles = await allOracles();
  return oracles.flatMap(({ name, judge }) => (judge(evidence).length > 0 ? [name] : []));
}

describe("the oracles", () => {
  test("have nothing to say of a run that is as the undisturbed one", async () => {
    expect(await verdicts(run())).toEqual([]);
  });

  test.each<[string, Partial<Run>, readonly string[]]>([
    ["an object that is missing", { after: state({ objects: new Map() }) }, ["same-end"]],
    [
      "an object that is too many",
      {
        after: state({
          objects: new Map([
            ["Service @-web", "{}"],
            ["Job @-x", "{}"],
          ]),
        }),
      },
      ["same-end"],
    ],
    ["an end that never came", { unsettled: ["after 90 s"] }, ["same-end"]],
    [
      "an object that was made twice",
      { seen: [seen("PATCH", "services/one-web", 201), seen("PATCH", "services/one-web", 201)] },
      ["made-once"],
    ],
    [
      "a claim that was replaced",
      { after: state({ data: new Map([["PersistentVolumeClaim @-data", "other"]]) }) },
      ["data-kept"],
    ],
    ["a deletion", { seen: [...run().seen, seen("DELETE", "secrets/one-ca", 200)] }, ["data-kept"]],
    [
      "a generated Secret with another value",
      { after: state({ generated: new Map([["Secret @-ca", "other"]]) }) },
      ["secrets-kept"],
    ],
    ["a write at rest", { atRest: [seen("PATCH", "services/one-web", 200)] }, ["at-rest"]],
    ["a denial", { seen: [...run().seen, seen("GET", "secrets/x", 403)] }, ["allowed"]],
    ["a bug in the log", { log: [{ msg: "failed", err: { stack: "TypeError" } }] }, ["log"]],
    ["a word outside of the log", { stray: "FATAL ERROR: heap" }, ["log"]],
  ])("see %s", async (_, members, names) => {
    expect(await verdicts(run(members))).toEqual(names);
  });

  test("take a refusal by the server for no bug", async () => {
    expect(
      await verdicts(run({ log: [{ msg: "failed", err: { what: "apply", kind: "transient" } }] })),
    ).toEqual([]);
  });
});
