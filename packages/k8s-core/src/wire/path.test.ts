import { assert, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { kinds } from "../kinds.ts";
import { collectionPath, labelSelector, objectPath, RefusedName } from "./path.ts";

describe("objectPath()", () => {
  test("names one object of a namespace", () => {
    expect(objectPath(kinds.Deployment, "ci", "zuul-web")).toBe(
      "/apis/apps/v1/namespaces/ci/deployments/zuul-web",
    );
    expect(objectPath(kinds.Secret, "ci", "a.b")).toBe("/api/v1/namespaces/ci/secrets/a.b");
    expect(objectPath(kinds.Deployment, "ci", "a", "status")).toBe(
      "/apis/apps/v1/namespaces/ci/deployments/a/status",
    );
  });

  test.each(["", ".", "..", "a/b", "A", "a%2fb", "a b", "-a", "a..b", "a?x", "a#x", "ä", "a".repeat(254)])(
    "refuses %j, which would reach something else",
    (name) => {
      expect(() => objectPath(kinds.Secret, "ci", name)).toThrow(RefusedName);
    },
  );

  test.each(["", "..", "kube.system", "A", "a".repeat(64)])("refuses the namespace %j", (namespace) => {
    expect(() => objectPath(kinds.Secret, namespace, "a")).toThrow(RefusedName);
  });

  test("takes the looser names of roles, but no dots alone", () => {
    expect(objectPath(kinds.ClusterRole, undefined, "system:Node")).toContain("/clusterroles/system:Node");
    expect(() => objectPath(kinds.ClusterRole, undefined, "..")).toThrow(RefusedName);
    expect(() => objectPath(kinds.Role, "ci", "a/b")).toThrow(RefusedName);
  });

  test("demands a namespace for what has one", () => {
    expect(() => objectPath(kinds.Secret, undefined, "a")).toThrow(RefusedName);
  });

  test("adds exactly one segment, whatever the name", () => {
    assert(
      property(string(), (name) => {
        let path: string;
        try {
          path = objectPath(kinds.Secret, "ci", name);
        } catch {
          return;
        }
        expect(path.split("/")).toHaveLength(7);
        expect(new URL(path, "https://server").pathname).toBe(path);
      }),
    );
  });
});

describe("collectionPath()", () => {
  test("reaches one namespace or all", () => {
    expect(collectionPath(kinds.Pod, "ci")).toBe("/api/v1/namespaces/ci/pods");
    expect(collectionPath(kinds.Pod, undefined)).toBe("/api/v1/pods");
  });
});

describe("labelSelector()", () => {
  test("is stable and takes no operators", () => {
    expect(labelSelector({ b: "2", a: "1" })).toBe("a=1,b=2");
    expect(() => labelSelector({ a: "1,b=2" })).toThrow(RefusedName);
  });
});
