import { describe, expect, test } from "vitest";
import { namespacesOf, watchScope } from "./scope.ts";

describe("watchScope()", () => {
  test("is the own namespace when unset, which is not the same as empty", () => {
    expect(namespacesOf(watchScope({}), "home")).toEqual(["home"]);
    expect(namespacesOf(watchScope({ WATCH_NAMESPACE: "" }), "home")).toEqual([undefined]);
  });

  test("takes a list with blanks and repetitions, under either name", () => {
    expect(namespacesOf(watchScope({ WATCH_NAMESPACES: "a, b,a" }), "home")).toEqual(["a", "b"]);
  });

  test("refuses what cannot be a namespace, by name", () => {
    expect(() => watchScope({ WATCH_NAMESPACE: "ok,No_Good" })).toThrow('"No_Good"');
  });
});
