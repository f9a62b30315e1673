import { array, assert, asyncProperty } from "fast-check";
import { describe, expect, test } from "vitest";
import { misreadByDynaconf } from "./dynaconf-program.builders.ts";
import { anyPythonValue } from "./hostile.builders.ts";
import { settingsPy } from "./settings-py.ts";

describe("settingsPy()", () => {
  test("is read back equal by Dynaconf, whatever the values", async () => {
    await assert(
      asyncProperty(array(anyPythonValue(), { minLength: 40, maxLength: 80 }), async (values) => {
        const settings = Object.fromEntries(values.map((value, index) => [`SETTING_${index}`, value]));
        const wanted = Object.fromEntries(
          Object.entries(settings).map(([name, value]) => [name, JSON.stringify(value)]),
        );
        expect(await misreadByDynaconf(settingsPy(settings), wanted)).toEqual({});
      }),
      { numRuns: 12 },
    );
  });

  test("writes one assignment a line, in order of name", () => {
    expect(
      settingsPy({ B: ["x"], A: true })
        .split("\n")
        .slice(1),
    ).toEqual(["A = True", 'B = ["x"]', ""]);
  });
});
