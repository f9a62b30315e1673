import { describe, expect, test } from "vitest";
import { zuulDefinition } from "./definition.ts";

/** Rules that the API server checks at a member of the spec, as `rule: message`. */
function rulesAt(...path: readonly string[]): readonly string[] {
  const inside = path.reduce<unknown>(
    (schema, member) => fields(fields(schema)["properties"])[member],
    versionOf(zuulDefinition.toCrd()),
  );
  return list(fields(inside)["x-kubernetes-validations"])
    .map(fields)
    .map(({ rule, message }) => `${String(rule)}: ${String(message)}`);
}

const versionOf = (crd: object): unknown =>
  fields(fields(list(fields(fields(crd)["spec"])["versions"])[0])["schema"])["openAPIV3Schema"];
const fields = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? { ...value } : {};
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

describe("zuulDefinition", () => {
  test("sets the size of the ensemble once, also by leaving it out, and says what to do instead", () => {
    const [rule, ...others] = rulesAt("spec", "zookeeper");
    expect(others).toEqual([]);
    expect(rule).toContain("has(self.count) == has(oldSelf.count)");
    expect(rule).toContain("self.count == oldSelf.count");
    expect(rule).toMatch(/outvote those with the data: export the keys .* import them there$/);
  });
});
