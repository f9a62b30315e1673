import { describe, expect, test } from "vitest";
import { masking } from "./masks.ts";

const mask = masking({
  name: "r001",
  namespace: "room-1",
  generated: [
    ["hunter2hunter2\n", "@-password.password"],
    ["short", "@-x.y"],
    ["line one\nline two\n", "@-key.pem"],
  ],
  nodePorts: [31234],
});

describe("masking()", () => {
  test("hides names, hashes and ports of the run", () => {
    expect(mask("r001-web.room-1:31234 0a1b2c3d r0011")).toBe("@-web.NAMESPACE:<port> # r0011");
  });

  test("says which generated value stood there, also inside of JSON", () => {
    expect(mask(JSON.stringify({ a: "pw=hunter2hunter2", b: "line one\nline two\n" }))).toBe(
      '{"a":"pw=<@-password.password>","b":"<@-key.pem>"}',
    );
  });

  test("leaves short values alone, as they may stand anywhere", () => {
    expect(mask("short")).toBe("short");
  });
});
