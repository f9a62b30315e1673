import { describe, expect, test } from "vitest";
import { configRef, configSource, secretRef } from "./schema.ts";

describe("secretRef()", () => {
  test("takes a name that Kubernetes refuses, because resolveAll explains it", () => {
    expect(secretRef().parse({ secretName: "gerritSecrets" })).toEqual({ secretName: "gerritSecrets" });
  });

  test.each([
    ["plain text"],
    [{}],
    [{ secretName: "" }],
    [{ secretName: "a", namespace: "b" }],
    [{ secretName: "a", key: "" }],
  ])("refuses %j", (value) => {
    expect(secretRef().safeParse(value).success).toBe(false);
  });
});

describe("configSource()", () => {
  test("reads a bare name as a ConfigMap", () => {
    expect(configSource(configRef().parse("zuul-yaml"))).toEqual({ source: { configMapName: "zuul-yaml" } });
  });

  test("keeps the key of both object forms", () => {
    expect(configSource(configRef().parse({ configMapName: "c", key: "k" }))).toEqual({
      source: { configMapName: "c" },
      key: "k",
    });
    expect(configSource(configRef().parse({ secretName: "s" }))).toEqual({ source: { secretName: "s" } });
  });
});
