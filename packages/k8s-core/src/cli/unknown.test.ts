import { assert, jsonValue, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { withUnknowns } from "./unknown.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");

describe("withUnknowns()", () => {
  test("leaves alone what both renderings have", () => {
    assert(
      property(jsonValue(), (value) => {
        expect(withUnknowns(value, structuredClone(value))).toEqual(value);
      }),
    );
  });

  test("hides a hash, also one in a name and one that begins or ends like the other", () => {
    expect(withUnknowns({ hash: "0a1b2c" }, { hash: "0afe2c" })).toEqual({ hash: "***" });
    expect(withUnknowns({ name: "a-migrate-0a1b" }, { name: "a-migrate-0cc1" })).toEqual({
      name: "a-migrate-***",
    });
    expect(withUnknowns([{ image: "x:1", at: "v-12-x" }], [{ image: "x:1", at: "v-34-x" }])).toEqual([
      { image: "x:1", at: "v-***-x" },
    ]);
  });

  test("keeps the stand-in itself, and every line around what is unknown", () => {
    const secret = (password: string, hash: string) => ({
      kind: "Secret",
      metadata: { name: "s" },
      data: { conf: base64(`user=a\npassword=${password}\nhash=${hash}\n`) },
    });
    expect(withUnknowns(secret("***", "1f"), secret("******", "2e"))).toEqual({
      kind: "Secret",
      metadata: { name: "s" },
      data: { conf: base64("user=a\npassword=***\nhash=***\n") },
    });
  });
});
