import { assert, array, constantFrom, property, record } from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { type Lane, Queue } from "./queue.ts";

describe("Queue", () => {
  test("gives a key that was added often once", async () => {
    const queue = new Queue<string>();
    queue.add("a");
    queue.add("a", "child");
    queue.add("a", "resync");
    expect(queue.depth).toBe(1);
    expect((await queue.take())?.key).toBe("a");
    expect(queue.depth).toBe(0);
  });

  test("never gives a key that is in flight, and gives it again when it was added meanwhile", async () => {
    const queue = new Queue<string>();
    queue.add("a");
    await queue.take();
    queue.add("a");
    expect(queue.depth).toBe(0);
    queue.done("a");
    expect((await queue.take())?.key).toBe("a");
    queue.done("a");
    expect(queue.depth).toBe(0);
  });

  test("serves a person's edit before start-up noise", async () => {
    const queue = new Queue<string>();
    for (const key of ["x", "y", "z"]) queue.add(key, "resync");
    queue.add("edited", "spec");
    expect((await queue.take())?.key).toBe("edited");
  });

  test("moves a waiting key to the faster lane", async () => {
    const queue = new Queue<string>();
    queue.add("x", "resync");
    queue.add("y", "resync");
    queue.add("y", "spec");
    expect((await queue.take())?.key).toBe("y");
    expect(queue.depth).toBe(1);
  });

  test("does not let the slow lane starve", async () => {
    const queue = new Queue<string>();
    queue.add("slow", "resync");
    const taken: string[] = [];
    for (let number = 0; number < 20; number += 1) {
      queue.add(`edit-${number}`, "spec");
      taken.push((await queue.take())?.key ?? "");
    }
    expect(taken).toContain("slow");
  });

  test("keeps the earliest of several delays", async () => {
    vi.useFakeTimers();
    try {
      const queue = new Queue<string>();
      queue.addAfter("a", 1000);
      queue.addAfter("a", 100);
      queue.addAfter("a", 5000);
      await vi.advanceTimersByTimeAsync(99);
      expect(queue.depth).toBe(0);
      await vi.advanceTimersByTimeAsync(2);
      expect(queue.depth).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });

  test("doubles the pause of a failing key up to five minutes, and forgets on success", () => {
    const queue = new Queue<string>({ random: () => 1 });
    const pauses = Array.from({ length: 12 }, () => queue.retry("a"));
    expect(pauses.slice(0, 4)).toEqual([1000, 2000, 4000, 8000]);
    expect(Math.max(...pauses)).toBe(300_000);
    queue.forget("a");
    expect(queue.retry("a")).toBe(1000);
    queue.close();
  });

  test("ends its takers when it closes", async () => {
    const queue = new Queue<string>();
    const waiting = queue.take();
    queue.close();
    expect(await waiting).toBeUndefined();
  });

  test("gives nothing out any more when it has closed, however much waits", async () => {
    const queue = new Queue<string>();
    queue.add("a");
    queue.add("b");
    queue.close();
    expect(await queue.take()).toBeUndefined();
  });

  test("loses no key and duplicates none, whatever is added", () => {
    const additions = array(
      record({ key: constantFrom("a", "b", "c", "d"), lane: constantFrom<Lane>("spec", "child", "resync") }),
    );
    assert(
      property(additions, (added) => {
        const queue = new Queue<string>();
        for (const { key, lane } of added) queue.add(key, lane);
        expect(queue.depth).toBe(new Set(added.map(({ key }) => key)).size);
      }),
    );
  });
});
