import { describe, expect, test } from "vitest";
import { stalled } from "./stall.ts";

describe("stalled()", () => {
  test("says for how long the process stood still", async () => {
    const watching = stalled(new AbortController().signal, { longestMs: 100, lookMs: 5 });
    const untilMs = performance.now() + 300;
    while (performance.now() < untilMs);
    expect(await watching).toBeGreaterThan(200);
  });

  test("says nothing of a process that is told to stop", async () => {
    const stop = new AbortController();
    const watching = stalled(stop.signal, { longestMs: 60_000, lookMs: 5 });
    stop.abort();
    expect(await watching).toBeUndefined();
  });
});
