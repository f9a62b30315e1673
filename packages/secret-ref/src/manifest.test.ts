import { assert, dictionary, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { contentHash } from "./hash.ts";
import { redactManifest, secretManifest } from "./manifest.ts";
import { Sealed } from "./sealed.ts";

const entries = new Map<string, string | Uint8Array | Sealed>([
  ["zuul.conf", Sealed.of("canary")],
  ["a", new Uint8Array([0, 255])],
  ["b", "é"],
]);

describe("secretManifest()", () => {
  test("writes base64 in key order, and marks what is to be kept", () => {
    expect(secretManifest({ name: "zuul-config", labels: { x: "y" }, entries, retain: true })).toEqual({
      apiVersion: "v1",
      kind: "Secret",
      metadata: {
        name: "zuul-config",
        labels: { x: "y" },
        annotations: { "operators.zuul-pulp.io/retain": "true" },
      },
      type: "Opaque",
      data: { a: "AP8=", b: "w6k=", "zuul.conf": "Y2FuYXJ5" },
    });
  });
});

describe("redactManifest()", () => {
  test("shows each key of a Secret and no value, not even in what kubectl left behind", () => {
    const annotations = { "kubectl.kubernetes.io/last-applied-configuration": "Y2FuYXJ5", kept: "yes" };
    const manifest = {
      ...secretManifest({ name: "s", labels: {}, annotations, entries }),
      stringData: { plain: "canary" },
    };
    const redacted = redactManifest(manifest);
    expect(redacted["data"]).toEqual({ a: "***", b: "***", plain: "***", "zuul.conf": "***" });
    expect(redacted.metadata.annotations).toEqual({ kept: "yes" });
    expect(JSON.stringify(redacted)).not.toMatch(/canary|Y2FuYXJ5/);
  });

  test("leaves other kinds alone", () => {
    const manifest = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" }, data: { a: "b" } };
    expect(redactManifest(manifest)).toBe(manifest);
  });
});

describe("contentHash()", () => {
  test("does not depend on order, nor on whether a value is sealed", () => {
    assert(
      property(dictionary(string(), string()), (values) => {
        const given = Object.entries(values);
        const hash = contentHash(given);
        expect(hash).toMatch(/^[0-9a-f]{16}$/);
        expect(contentHash(given.toReversed().map(([key, value]) => [key, Sealed.of(value)] as const))).toBe(
          hash,
        );
      }),
    );
  });

  test("tells apart what concatenation would not", () => {
    const hashes = [
      [["a", "bc"]],
      [["ab", "c"]],
      [
        ["a", "b"],
        ["c", ""],
      ],
      [["a", "b\nc"]],
    ] as const;
    expect(new Set(hashes.map((entries) => contentHash(entries))).size).toBe(4);
  });
});
