import { anything, assert, jsonValue, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { isSameData, Recent, remembering } from "./recent.ts";

describe("remembering()", () => {
  const counted = () => {
    const asked: string[] = [];
    const step = remembering((name: string, data: unknown) => {
      asked.push(name);
      return { name, data };
    });
    return { asked, step };
  };

  test("gives the same object for the same data, also when it is a copy", () => {
    const { asked, step } = counted();
    const first = step("a", { list: [1, { deep: true }], map: new Map([["key", "value"]]) });
    expect(step("a", { list: [1, { deep: true }], map: new Map([["key", "value"]]) })).toBe(first);
    expect(asked).toEqual(["a"]);
  });

  test("asks again when anything differs, and still knows the answer before", () => {
    const { asked, step } = counted();
    const first = step("a", { x: 1 });
    step("a", { x: 2 });
    step("a", { x: 1, y: undefined });
    expect(step("a", { x: 1 })).toBe(first);
    expect(asked).toHaveLength(3);
  });

  test("forgets what nobody asked for lately, and never what is asked all the time", () => {
    const { asked, step } = counted();
    step("first", 0);
    for (let round = 0; round < 100; round += 1) {
      step("steady", 0);
      step(`other ${round}`, 0);
    }
    step("first", 0);
    expect(asked.filter((name) => name === "steady")).toHaveLength(1);
    expect(asked.filter((name) => name === "first")).toHaveLength(2);
  });
});

describe("Recent", () => {
  test("remembers no failure", () => {
    const recent = new Recent<number>();
    expect(() =>
      recent.answer(["a"], () => {
        throw new Error("not now");
      }),
    ).toThrow("not now");
    expect(recent.answer(["a"], () => 1)).toBe(1);
  });
});

describe("isSameData()", () => {
  test("is true of every copy of JSON, and of two texts of it that are equal only", () => {
    assert(
      property(jsonValue(), jsonValue(), (one, other) => {
        expect(isSameData(one, structuredClone(one))).toBe(true);
        if (isSameData(one, other)) expect(JSON.stringify(other)).toBe(JSON.stringify(one));
      }),
    );
  });

  test("looks at what is no plain data by identity alone, as its content may be hidden", () => {
    class Hidden {
      readonly #value: string;
      constructor(value: string) {
        this.#value = value;
      }
      get size(): number {
        return this.#value.length;
      }
    }
    const hidden = new Hidden("a");
    expect(isSameData({ hidden }, { hidden })).toBe(true);
    expect(isSameData({ hidden }, { hidden: new Hidden("b") })).toBe(false);
    expect(isSameData([new Uint8Array([1])], [new Uint8Array([1])])).toBe(false);
    const data = () => 1;
    expect(isSameData({ data }, { data: () => 1 })).toBe(false);
  });

  test("ends for anything", () => {
    assert(
      property(anything(), anything(), (one, other) => {
        expect(typeof isSameData(one, other)).toBe("boolean");
      }),
    );
  });
});
