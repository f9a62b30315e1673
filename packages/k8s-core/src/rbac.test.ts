import { describe, expect, test } from "vitest";
import { kinds } from "./kinds.ts";
import { homeRules, rulesFor } from "./rbac.ts";

const definition = { group: "example.org", kind: "Board", plural: "boards", apiVersion: "example.org/v1" };

describe("rulesFor()", () => {
  const rules = rulesFor([{ definition, owns: [kinds.Deployment, kinds.Service], reads: ["ConfigMap"] }]);
  const verbsOn = (resource: string) =>
    rules.filter(({ resources }) => resources.includes(resource)).flatMap(({ verbs }) => verbs);

  test("grants on owned kinds what an apply and a prune need", () => {
    expect(verbsOn("deployments")).toEqual(["get", "list", "watch", "create", "patch", "delete"]);
  });

  test("grants only reading on what is only read, and nothing on Secrets that nobody asked for", () => {
    expect(verbsOn("configmaps")).toEqual(["get", "list", "watch"]);
    expect(verbsOn("secrets")).toEqual([]);
  });

  test("grants no writing of Secrets to an operator that only reads them", () => {
    const [reader] = rulesFor([{ definition, owns: [], reads: ["Secret"] }]).filter(({ resources }) =>
      resources.includes("secrets"),
    );
    expect(reader?.verbs).toEqual(["get", "list", "watch"]);
  });

  test("lets the operator write the status of its resource and never the spec", () => {
    expect(verbsOn("boards")).toEqual(["list", "watch"]);
    expect(verbsOn("boards/status")).toEqual(["patch"]);
    expect(verbsOn("boards/finalizers")).toEqual(["update"]);
  });

  test("contains no wildcard, and nothing that grants rights or reaches into pods", () => {
    const text = JSON.stringify([...rules, ...homeRules("board-operator")]);
    for (const word of ["*", "escalate", "bind", "impersonate", "deletecollection", "pods/exec", "roles"])
      expect(text).not.toContain(`"${word}"`);
  });
});
