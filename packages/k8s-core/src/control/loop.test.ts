import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ApplyEngine } from "../apply/engine.ts";
import { Caches } from "../cache/caches.ts";
import { openLog } from "../process/log.ts";
import { Metrics } from "../process/metrics.ts";
import { longestTimerMs } from "../wire/backoff.ts";
import { type Answerer, json, replay, stream } from "../wire/replay.builders.ts";
import { defineController } from "./controller.ts";
import { Events } from "./events.ts";
import { Loop } from "./loop.ts";
import { Reads } from "./reads.ts";

const fieldManager = "board-operator";
const definition = { group: "example.org", kind: "Board", plural: "boards", apiVersion: "example.org/v1" };
const board = {
  apiVersion: definition.apiVersion,
  kind: "Board",
  metadata: { name: "a", namespace: "ns", uid: "u", resourceVersion: "1", generation: 1 },
  spec: {},
};
const synced = {
  type: "BOOKMARK",
  object: { metadata: { resourceVersion: "5", annotations: { "k8s.io/initial-events-end": "true" } } },
};
const dayMs = 86_400_000;

/** One board without children, whatever is asked. */
const server: Answerer = (asked, response) => {
  const isBoards = asked.url.pathname.includes("/boards");
  const sent: unknown = asked.body === "" ? {} : JSON.parse(asked.body);
  if (asked.method === "GET")
    stream([...(isBoards ? [{ type: "ADDED", object: board }] : []), synced], "open")(asked, response);
  else
    json(200, { ...board, ...Object(sent), metadata: { ...board.metadata, resourceVersion: "6" } })(
      asked,
      response,
    );
};

describe("a pass that asks to be woken", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"] }));
  afterEach(() => void vi.useRealTimers());

  /** Runs until the first pass is over; then each call of `after` lets time go by and tells when passes began. */
  async function watched(
    wakeAtMs: readonly number[],
    test: (after: (ms: number) => Promise<number[]>) => Promise<void>,
  ) {
    await using there = await replay([server]);
    const { client } = there;
    const startMs = Date.now();
    const began: number[] = [];
    let over: () => void = () => undefined;
    const controller = defineController({
      definition,
      fieldManager,
      partOf: "board",
      owns: [],
      reads: [],
      reconcile: async (_raw, io) => {
        began.push(io.now() - startMs);
        for (const ms of wakeAtMs) io.wakeAt?.(startMs + ms);
        return { components: [], conditions: [] };
      },
    });
    const caches = new Caches({ client, fieldManager, namespaces: ["ns"] });
    const loop = new Loop({
      controller,
      client,
      caches,
      engine: new ApplyEngine({ client, caches, fieldManager }),
      reads: new Reads({ client, caches, fieldManager }),
      events: new Events({ client, reporter: fieldManager, instance: "test" }),
      metrics: new Metrics(fieldManager),
      // A pass is over when it is logged.
      log: openLog({ level: "debug", to: { write: () => over() } }),
    });
    const first = new Promise<void>((resolve) => {
      over = resolve;
    });
    const stop = new AbortController();
    const watching = caches.run(stop.signal);
    await caches.settled(stop.signal);
    const looping = loop.run(stop.signal, stop.signal);
    await first;
    await test(async (ms) => {
      await vi.advanceTimersByTimeAsync(ms);
      return began;
    });
    stop.abort();
    await Promise.all([watching, looping]);
  }

  test("is, at the earliest of the times, however far they are", async () => {
    await watched([40 * dayMs, 30 * dayMs], async (after) => {
      expect(await after(longestTimerMs - 1)).toEqual([0]);
      expect(await after(1)).toEqual([0, longestTimerMs]);
      expect(await after(30 * dayMs - longestTimerMs)).toEqual([0, longestTimerMs, 30 * dayMs]);
    });
  });

  test("at a time that is over already is woken a minute later, again and again", async () => {
    await watched([-1], async (after) => {
      expect(await after(59_999)).toEqual([0]);
      expect(await after(1)).toEqual([0, 60_000]);
      expect(await after(60_000)).toEqual([0, 60_000, 120_000]);
    });
  });
});
