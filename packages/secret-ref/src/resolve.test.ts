import { Blocked, type KeyValues, Waiting } from "@zuul-pulp/k8s-core/model";
import { describe, expect, test } from "vitest";
import { memoryReader } from "./memory-reader.ts";
import type { Reference, References } from "./references.ts";
import { resolveAll } from "./resolve.ts";
import { open, openBytes } from "./sealed.ts";

const fromSecret = (id: string, secretName: string, more: Partial<Reference> = {}): Reference => ({
  id,
  source: { secretName },
  as: "text",
  ...more,
});
const only = (...references: Reference[]): References => ({ references, generated: [] });

describe("resolveAll()", () => {
  test("reads each object once, however many references share it", async () => {
    const reader = memoryReader({ secrets: { gerrit: { sshkey: "key\n", password: "hush" } } });
    const refs = await resolveAll(
      only(
        fromSecret("a.sshkey", "gerrit", { key: "sshkey", as: "sshKey" }),
        fromSecret("a.password", "gerrit", { key: "password" }),
      ),
      reader,
    );
    expect(open(refs.text("a.password"))).toBe("hush");
    expect(open(refs.file("a.sshkey"))).toBe("key\n");
    expect([refs.secretNameOf("a.sshkey"), refs.keyOf("a.sshkey")]).toEqual(["gerrit", "sshkey"]);
    expect(reader.calls).toEqual(["readSecret gerrit"]);
  });

  test("gives the same answer while the reader gives the same objects, and another as soon as one changed", async () => {
    const secret = (value: string): KeyValues => ({
      name: "gerrit",
      labels: {},
      entries: new Map([["password", new TextEncoder().encode(value)]]),
    });
    const cached = secret("hush");
    const from = (object: KeyValues) => ({ ...memoryReader({}), readSecret: () => Promise.resolve(object) });
    const ask = (object: KeyValues) => resolveAll(only(fromSecret("a.password", "gerrit")), from(object));
    const first = await ask(cached);
    expect(await ask(cached)).toBe(first);
    const other = await ask(secret("changed"));
    expect(open(other.text("a.password"))).toBe("changed");
  });

  test("names all missing objects and keys at once", async () => {
    const reader = memoryReader({ secrets: { smtp: { user: "x" } } });
    const resolving = resolveAll(
      only(
        fromSecret("connections.smtp.password", "smtp", { key: "password" }),
        fromSecret("database", "zuul-db", { key: "dburi" }),
        { id: "scheduler.config", source: { configMapName: "tenants" }, as: "file" },
      ),
      reader,
    );
    await expect(resolving).rejects.toBeInstanceOf(Waiting);
    await expect(resolving).rejects.toMatchObject({
      reason: "SecretMissing",
      message:
        'Secret "smtp" has no key "password" (spec.connections.smtp.password); ' +
        'Secret "zuul-db" does not exist (spec.database); ConfigMap "tenants" does not exist (spec.scheduler.config)',
    });
  });

  test("waits under a reason of its own when only a ConfigMap is missing", async () => {
    const tenants: Reference = { id: "scheduler.config", source: { configMapName: "tenants" }, as: "file" };
    await expect(resolveAll(only(tenants), memoryReader({}))).rejects.toMatchObject({
      reason: "ConfigMapMissing",
    });
  });

  test("explains a name that Kubernetes cannot hold, and does not ask for it", async () => {
    const reader = memoryReader({});
    const resolving = resolveAll(
      only(fromSecret("connections.gerrit.sshkey", "gerritSecrets", { key: "sshkey" })),
      reader,
    );
    await expect(resolving).rejects.toBeInstanceOf(Blocked);
    await expect(resolving).rejects.toMatchObject({
      reason: "InvalidReference",
      message: expect.stringMatching(/lower-case.*"gerrit-secrets".*spec\.connections\.gerrit\.sshkey/),
    });
    expect(reader.calls).toEqual([]);
  });

  test("says what is wrong and what is missing in one Blocked", async () => {
    const resolving = resolveAll(only(fromSecret("a", "Wrong"), fromSecret("b", "absent")), memoryReader({}));
    await expect(resolving).rejects.toMatchObject({
      reason: "InvalidReference",
      message: expect.stringMatching(/"Wrong" can never exist.*"absent" does not exist/),
    });
  });

  test.each([
    ["bad UTF-8", new Uint8Array([0x63, 0x61, 0x6e, 0x61, 0x72, 0x79, 0xff]), "text must be valid UTF-8"],
    ["a NUL", "canary\0", "text must not contain a NUL byte"],
    ["nothing but a newline", "\n", "it is empty"],
  ])("refuses text with %s by object, key and rule, without the value", async (_, value, rule) => {
    const resolving = resolveAll(
      only(fromSecret("auth.secret", "auth", { key: "secret" })),
      memoryReader({ secrets: { auth: { secret: value } } }),
    );
    await expect(resolving).rejects.toMatchObject({
      reason: "InvalidSecret",
      message: `Cannot use key "secret" of Secret "auth" (spec.auth.secret): ${rule}`,
    });
  });

  test.each([
    ["hush\n", "hush", 1],
    ["hush\r\n", "hush", 1],
    ["hush\n\n", "hush\n", 1],
    ["hush", "hush", 0],
    ["  hush ", "  hush ", 0],
  ])("takes one newline off the end of text: %j", async (value, text, notices) => {
    const refs = await resolveAll(
      only(fromSecret("p", "s", { key: "k" })),
      memoryReader({ secrets: { s: { k: value } } }),
    );
    expect(open(refs.text("p"))).toBe(text);
    expect(refs.notices).toHaveLength(notices);
    expect(JSON.stringify(refs.notices)).not.toContain("hush");
  });

  test("leaves files alone, byte by byte", async () => {
    const bytes = new Uint8Array([0, 0xff, 0x0a]);
    const refs = await resolveAll(
      only(fromSecret("f", "s", { key: "k", as: "file" })),
      memoryReader({ secrets: { s: { k: bytes } } }),
    );
    expect(openBytes(refs.file("f"))).toEqual(bytes);
    expect(refs.notices).toEqual([]);
  });

  test("gives an SSH private key the final newline that OpenSSH demands", async () => {
    const refs = await resolveAll(
      only(fromSecret("k", "s", { as: "sshKey" })),
      memoryReader({ secrets: { s: { sshkey: "-----END" } } }),
    );
    expect(open(refs.file("k"))).toBe("-----END\n");
    expect(refs.notices.map(({ reason }) => reason)).toEqual(["FinalNewlineAdded"]);
  });

  test("tries the default keys in order, then the only key there is", async () => {
    const reader = memoryReader({
      configMaps: { a: { "z.yaml": "z", "main.yaml": "m" }, b: { odd: "o" }, c: { x: "", y: "" } },
    });
    const config = (id: string, configMapName: string): Reference => ({
      id,
      source: { configMapName },
      defaultKeys: ["main.yaml"],
      as: "file",
    });
    const refs = await resolveAll(only(config("a", "a"), config("b", "b")), reader);
    expect([refs.keyOf("a"), refs.plain("a"), refs.keyOf("b"), refs.plain("b")]).toEqual([
      "main.yaml",
      "m",
      "odd",
      "o",
    ]);
    await expect(resolveAll(only(config("c", "c")), reader)).rejects.toMatchObject({
      message: 'ConfigMap "c" has no key "main.yaml", but 2 keys: name the one that is meant (spec.c)',
    });
  });

  test("takes every key where all are wanted, under any of their known names", async () => {
    const requires = [["host", "POSTGRES_HOST"], "password"];
    const reader = memoryReader({
      secrets: { db: { POSTGRES_HOST: "h\n", password: "p\n", sslrootcert: "" }, half: { host: "h" } },
    });
    const refs = await resolveAll(only(fromSecret("database", "db", { as: "texts", requires })), reader);
    expect([...refs.all("database")].map(([key, value]) => [key, open(value)])).toEqual([
      ["POSTGRES_HOST", "h"],
      ["password", "p"],
      ["sslrootcert", ""],
    ]);
    await expect(
      resolveAll(only(fromSecret("database", "half", { as: "all", requires })), reader),
    ).rejects.toMatchObject({
      reason: "SecretMissing",
      message: 'Secret "half" has no key "password" (spec.database)',
    });
  });

  test("does not wait for what is optional", async () => {
    const refs = await resolveAll(
      only(fromSecret("ca", "absent", { as: "file", optional: true })),
      memoryReader({}),
    );
    expect(refs.has("ca")).toBe(false);
    expect(() => refs.text("ca")).toThrow('No reference "ca" was resolved');
  });

  test("does not give the text of a Secret in the plain", async () => {
    const refs = await resolveAll(
      only(fromSecret("p", "s")),
      memoryReader({ secrets: { s: { k: "hush" } } }),
    );
    expect(() => refs.plain("p")).toThrow("stays sealed");
  });

  test("keeps user-chosen names that JavaScript objects would trip over", async () => {
    const secrets = { s: JSON.parse('{"__proto__": "a", "constructor": "b"}') };
    const refs = await resolveAll(only(fromSecret("all", "s", { as: "all" })), memoryReader({ secrets }));
    expect([...refs.all("all").keys()]).toEqual(["__proto__", "constructor"]);
  });

  test("prints no value, however the result is printed", async () => {
    const refs = await resolveAll(
      only(fromSecret("p", "s"), fromSecret("q", "s", { as: "all" })),
      memoryReader({ secrets: { s: { k: "canary" } } }),
    );
    const { inspect } = await import("node:util");
    expect(
      JSON.stringify([refs, [...refs.all("q")]]) +
        inspect([refs, refs.all("q"), refs.text("p")], { depth: 9 }),
    ).not.toContain("canary");
  });
});
