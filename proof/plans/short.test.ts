import { describe, expect, test } from "vitest";
import { allScenarios } from "../scenarios/scenario.ts";
import { allFaults } from "../faults/fault.ts";
import { found } from "./found.ts";
import { short } from "./short.ts";

describe("the short set", () => {
  test("names scenarios that are there", async () => {
    const known = (await allScenarios()).map(({ operator, name }) => `${operator}/${name}`);
    expect(short.scenarios.filter((name) => !known.includes(name))).toEqual([]);
  });

  test("has the scenario and the fault of each plan that once failed", async () => {
    const faults = (await allFaults()).map(({ name }) => name);
    for (const { id } of found) {
      const [operator = "", scenario = "", fault = ""] = id.split("/");
      expect(short.scenarios).toContain(`${operator}/${scenario}`);
      expect(faults).toContain(fault);
    }
  });
});
