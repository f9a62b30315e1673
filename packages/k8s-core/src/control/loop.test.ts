import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ApplyEngine } from "../apply/engine.ts";
import { Caches } from "../cache/caches.ts";
import { openLog } from "../process/log.ts";
import { Metrics } from "../process/metrics.ts";
import { longestTimerMs } from "../wire/backoff.ts";
import type { Client } from "../wire/client.ts";
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

/** @param onLine a pass is over when it is logged */
function open(
  client: Client,
  reconcile: Parameters<typeof defineController>[0]["reconcile"],
  onLine: () => void,
) {
  const controller = defineController({
    definition,
    fieldManager,
    partOf: "board",
    owns: [],
    reads: [],
    reconcile,
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
    log: openLog({ level: "debug", to: { write: onLine } }),
  });
  return { caches, loop };
}

/** Boards without children, whatever is asked. */
const serverOf =
  (...names: readonly string[]): Answerer =>
  (asked, response) => {
    const isBoards = asked.url.pathname.includes("/boards");
    const sent: unknown = asked.body === "" ? {} : JSON.parse(asked.body);
    const named = (name: string) => ({ ...board, metadata: { ...board.metadata, name, uid: name } });
    const present = isBoards ? names.map((name) => ({ type: "ADDED", object: named(name) })) : [];
    if (asked.method === "GET") return stream([...present, synced], "open")(asked, response);
    const { metadata } = named(asked.url.pathname.split("/").at(-2) ?? "");
    const answer = { ...board, ...Object(sent), metadata: { ...metadata, resourceVersion: "6" } };
    return json(200, answer)(asked, response);
  };

describe("passes that find nothing to do", () => {
  test("let events in between them, however many there are", async () => {
    const names = Array.from({ length: 200 }, (_, index) => `b${index}`);
    await using there = await replay([serverOf(...names)]);
    let lines = 0;
    let look: () => void = () => undefined;
    const { caches, loop } = open(
      there.client,
      async () => ({ components: [], conditions: [] }),
      () => {
        lines += 1;
        look();
      },
    );
    const passes = (count: number): Promise<void> =>
      new Promise((resolve) => {
        look = () => lines >= count && resolve();
        look();
      });
    const stop = new AbortController();
    const watching = caches.run(stop.signal);
    await caches.settled(stop.signal);
    const looping = loop.run(stop.signal, stop.signal);
    await passes(names.length);
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    loop.resync();
    await passes(2 * names.length);
    isOver = true;
    // Four workers take a key each in one turn.
    expect(turns).toBeGreaterThanOrEqual(names.length / 4 - 1);
    stop.abort();
    await Promise.all([watching, looping]);
  });
});

describe("a pass that asks to be woken", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"] }));
  afterEach(() => void vi.useRealTimers());

  /** Runs until the first pass is over; then each call of `after` lets time go by and tells when passes began. */
  async function watched(
    wakeAtMs: readonly number[],
    test: (after: (ms: number) => Promise<number[]>) => Promise<void>,
  ) {
    await using there = await replay([serverOf("a")]);
    const { client } = there;
    const startMs = Date.now();
    const began: number[] = [];
    let over: () => void = () => undefined;
    const { caches, loop } = open(
      client,
      async (_raw, io) => {
        began.push(io.now() - startMs);
        for (const ms of wakeAtMs) io.wakeAt?.(startMs + ms);
        return { components: [], conditions: [] };
      },
      () => over(),
    );
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
