import { describe, expect, test } from "vitest";
import { remembering } from "./remember.ts";

describe("remembering()", () => {
  test("computes again only what was forgotten, longest unused first", () => {
    const computed: string[] = [];
    const twice = remembering(4, (key) => {
      computed.push(key);
      return { doubled: key + key };
    });
    const first = twice("aa");
    twice("bb");
    expect(twice("aa")).toBe(first);
    twice("cc"); // bb goes
    expect(twice("aa")).toBe(first);
    twice("bb");
    expect(computed).toEqual(["aa", "bb", "cc", "bb"]);
  });

  test("keeps nothing that is larger than the whole memory, and no throw", () => {
    let calls = 0;
    const failing = remembering(3, (key): { key: string } => {
      calls += 1;
      if (key === "bad") throw new Error("bad");
      return { key };
    });
    expect(failing("large")).toEqual({ key: "large" });
    expect(failing("large")).toEqual({ key: "large" });
    expect(() => failing("bad")).toThrow("bad");
    expect(() => failing("bad")).toThrow("bad");
    expect(calls).toBe(4);
  });
});
