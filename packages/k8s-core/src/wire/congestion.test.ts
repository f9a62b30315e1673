import { describe, expect, test } from "vitest";
import { Congestion } from "./congestion.ts";

const never = new AbortController().signal;

/** Work that ends when told to, and how much of it is under way. */
function jobs(congestion: Congestion, count: number) {
  const ends: (() => void)[] = [];
  const all = Array.from({ length: count }, () =>
    congestion.run(never, () => new Promise<void>((resolve) => ends.push(resolve))),
  );
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    underWay: async () => {
      await settled();
      return ends.length;
    },
    endOne: () => ends.shift()?.(),
    all: Promise.all(all),
  };
}

describe("Congestion", () => {
  test("lets as many through as allowed, and one more for each that ends", async () => {
    const work = jobs(new Congestion({ most: 2 }), 3);
    expect(await work.underWay()).toBe(2);
    work.endOne();
    expect(await work.underWay()).toBe(2);
    work.endOne();
    work.endOne();
    await work.all;
  });

  test("halves for a minute at a refusal, and once for refusals that came together", () => {
    let nowMs = 0;
    const congestion = new Congestion({ most: 32, clock: () => nowMs });
    congestion.refused();
    congestion.refused();
    expect(congestion.allowed).toBe(16);
    nowMs = 5000;
    congestion.refused();
    expect(congestion.allowed).toBe(8);
    nowMs = 64_999;
    expect(congestion.allowed).toBe(8);
    nowMs = 65_000;
    expect(congestion.allowed).toBe(32);
  });

  test("never stops altogether", () => {
    let nowMs = 0;
    const congestion = new Congestion({ most: 4, clock: () => nowMs });
    for (; nowMs < 20_000; nowMs += 2000) congestion.refused();
    expect(congestion.allowed).toBe(1);
  });

  test("who waits gives up when told to, and takes nobody's turn", async () => {
    const congestion = new Congestion({ most: 1 });
    const work = jobs(congestion, 1);
    expect(await work.underWay()).toBe(1);
    const stop = new AbortController();
    const waiting = congestion.run(stop.signal, () => Promise.resolve("late"));
    stop.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    work.endOne();
    await work.all;
    expect(await congestion.run(never, () => Promise.resolve("next"))).toBe("next");
  });
});
