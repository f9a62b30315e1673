/** Every hostile string into every sink, judged by the program that reads it. */
import { describe, expect, test } from "vitest";
import { all } from "./pairs.ts";
import { isJudgeable, pour, type Sink } from "./sink.ts";
import { forScripts, strings } from "./strings.ts";

let pairs = 0;

/** What is wrong, and a line about the rest. */
async function poured(sink: Sink, values: readonly string[]): Promise<readonly string[]> {
  const { same, refused, wrong } = await pour(sink, values);
  pairs += same + refused;
  process.stderr.write(
    `${sink.name}: ${values.length} values, ${same} in as out, ${refused} refused by name\n`,
  );
  return same + refused === values.length
    ? wrong
    : [...wrong, `${same + refused} of ${values.length} have a verdict`];
}

const isTried = new Map(all.map(({ sink }) => [sink, isJudgeable(sink)]));

describe("hostile input", () => {
  test("there are at least 300 different strings for each sink", () => {
    expect(new Set(strings).size).toBeGreaterThanOrEqual(300);
    expect(new Set(forScripts).size).toBeGreaterThanOrEqual(300);
  });

  test.for(all)("$sink.name: in as out, or refused by name", { timeout: 300_000 }, async (one, { skip }) => {
    const { sink, values } = one;
    skip(isTried.get(sink) !== true, `this machine lacks one of ${sink.programs?.join(", ")}`);
    expect(await poured(sink, values)).toEqual([]);
  });

  test("every value met every sink", () => {
    process.stderr.write(`${pairs} pairs of a value and a sink\n`);
    const tried = all.filter(({ sink }) => isTried.get(sink));
    expect(pairs).toBe(tried.reduce((sum, { values }) => sum + values.length, 0));
  });
});
