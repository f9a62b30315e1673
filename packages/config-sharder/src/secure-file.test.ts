import { describe, expect, test } from "vitest";
import { renderSecureFile, unknownImages } from "./secure-file.ts";

const envVars = new Map([
  ["ubuntu", new Map([["TOKEN", "012"]])],
  ["gone", new Map([["TOKEN", "x"]])],
]);

describe("renderSecureFile()", () => {
  test("holds the variables of those images only that the part has", () => {
    expect(renderSecureFile(["ubuntu", "centos"], envVars)).toBe(
      'diskimages:\n  - env-vars:\n      TOKEN: "012"\n    name: ubuntu\n',
    );
    expect(renderSecureFile(["centos"], envVars)).toBe("{}\n");
  });
});

describe("unknownImages()", () => {
  test("names images that take effect nowhere", () => {
    expect(unknownImages(["ubuntu"], envVars)).toEqual(["gone"]);
  });
});
