import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lanes, lastly } from "../lanes.ts";

test("every suite of real workloads runs in exactly one lane", () => {
  const suites = readdirSync(join(import.meta.dirname, "..", "workloads"))
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => file.replace(".test.ts", ""));
  expect([...lanes, lastly].flatMap(({ files }) => files).toSorted()).toEqual(suites.toSorted());
});
