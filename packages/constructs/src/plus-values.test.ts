import { Size } from "cdk8s";
import { Cpu, EnvValue } from "cdk8s-plus-27";
import { describe, expect, test } from "vitest";
import { envVarOf, resourcesOf } from "./plus-values.ts";

describe("resourcesOf()", () => {
  test("takes the figures of cdk8s-plus", () => {
    expect(resourcesOf({ requests: { cpu: Cpu.millis(250), memory: Size.gibibytes(1) } })).toEqual({
      requests: { cpu: "250m", memory: "1Gi" },
    });
  });
});

describe("envVarOf()", () => {
  test("takes literals", () => {
    expect(envVarOf("A", EnvValue.fromValue("1"))).toEqual({ name: "A", value: "1" });
  });
});
