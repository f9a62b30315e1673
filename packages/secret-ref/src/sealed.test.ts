import { format, inspect } from "node:util";
import { assert, property, string, uint8Array } from "fast-check";
import { describe, expect, test } from "vitest";
import { open, openBytes, Sealed } from "./sealed.ts";

describe("Sealed", () => {
  test("prints as *** in every way in which Node prints, whatever it holds", () => {
    assert(
      property(string({ minLength: 12 }), (random) => {
        const canary = `canary-${random}`;
        const sealed = Sealed.of(canary);
        const held = { sealed, list: [sealed], map: new Map([["key", sealed]]) };
        const printed = [
          // oxlint-disable-next-line typescript/restrict-template-expressions -- what a careless line would do
          `${sealed}`,
          String(sealed),
          "" + sealed,
          JSON.stringify(held),
          inspect(held, { depth: 9, showHidden: true, getters: true }),
          format("%s %o %O %j %d", sealed, sealed, held, held, sealed),
          new Error("wrong", { cause: sealed }).cause,
          Object.values(sealed).join(),
          // oxlint-disable-next-line typescript/no-misused-spread -- likewise
          JSON.stringify({ ...sealed }),
          JSON.stringify(structuredClone(sealed)),
          [sealed].join(),
        ];
        for (const text of printed) expect(String(text)).not.toContain("canary-");
        expect(printed[0]).toBe("***");
      }),
    );
  });

  test("opens to the text and to the bytes that went in", () => {
    assert(
      property(string({ unit: "binary" }), uint8Array(), (text, bytes) => {
        expect(open(Sealed.of(text))).toBe(text);
        expect(openBytes(Sealed.of(bytes))).toEqual(bytes);
      }),
    );
  });

  test("keeps a byte order mark and is not changed through the buffers around it", () => {
    const given = new Uint8Array([0xef, 0xbb, 0xbf, 0x61]);
    const sealed = Sealed.of(given);
    given.fill(0);
    openBytes(sealed).fill(0);
    expect(open(sealed)).toBe("\uFEFFa");
  });

  test("has the same hash for the same bytes only", () => {
    expect(Sealed.of("a").hash()).toBe(Sealed.of(new Uint8Array([0x61])).hash());
    expect(Sealed.of("a").hash()).not.toBe(Sealed.of("b").hash());
  });
});
