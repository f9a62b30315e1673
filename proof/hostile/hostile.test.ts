/** Every hostile string into every sink, judged by the program that reads it. */
import { describe, expect, test } from "vitest";
import { pour, type Sink } from "./sink.ts";
import { databaseUrl } from "./sinks/database-url.ts";
import {
  annotationKey,
  annotationValue,
  cloudName,
  hostOfIngress,
  labelKey,
  labelValue,
  variableValue,
} from "./sinks/kubernetes.ts";
import { secureVariable, yamlValue } from "./sinks/nodepool.ts";
import { secretSetting, setting, settingKey } from "./sinks/settings-py.ts";
import { plainOption, secretOption } from "./sinks/zuul-conf.ts";
import { strings } from "./strings.ts";

const sinks: readonly Sink[] = [
  plainOption,
  secretOption,
  setting,
  secretSetting,
  settingKey,
  databaseUrl,
  secureVariable,
  yamlValue,
  labelKey,
  labelValue,
  annotationKey,
  annotationValue,
  variableValue,
  hostOfIngress,
  cloudName,
];

describe("hostile input", () => {
  test("there are at least 300 different strings", () => {
    expect(new Set(strings).size).toBeGreaterThanOrEqual(300);
  });

  test.each(sinks)(
    "$name: in as out, or refused by name",
    async (sink) => {
      const { pairs, same, refused, wrong } = await pour(sink, strings);
      process.stderr.write(`${sink.name}: ${pairs} values, ${same} in as out, ${refused} refused by name\n`);
      expect(wrong).toEqual([]);
      expect(same + refused).toBe(strings.length);
    },
    300_000,
  );
});
