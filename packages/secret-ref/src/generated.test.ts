import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Blocked, type NewSecret, retainAnnotation } from "@zuul-pulp/k8s-core/model";
import { describe, expect, test } from "vitest";
import { memoryReader } from "./memory-reader.ts";
import type { GeneratedSecret, Generator, References } from "./references.ts";
import { resolveAll } from "./resolve.ts";
import { open, type Sealed } from "./sealed.ts";

const dayMs = 86_400_000;
const now = Date.parse("2026-11-21T00:00:00Z");

const secret = (
  id: string,
  make: Generator | readonly Generator[],
  more: Partial<GeneratedSecret> = {},
): GeneratedSecret => ({
  id,
  secretName: `zuul-${id}`,
  labels: { "app.kubernetes.io/instance": "zuul" },
  retain: true,
  make,
  ...more,
});
const making = (...generated: GeneratedSecret[]): References => ({ references: [], generated });

/** Runs a program in a folder with these files, each readable by the owner only. */
function withFiles<T>(files: Readonly<Record<string, Sealed | undefined>>, run: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "secret-ref-"));
  try {
    for (const [name, value] of Object.entries(files))
      writeFileSync(join(folder, name), value === undefined ? "" : open(value), { mode: 0o600 });
    return run(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
const output = (cwd: string, program: string, ...args: string[]): string =>
  execFileSync(program, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

describe("generated Secrets", () => {
  test("are made once, and read ever after", async () => {
    const reader = memoryReader({});
    const keystore = making(secret("keystore", { kind: "password", key: "password" }));
    const first = await resolveAll(keystore, reader);
    const second = await resolveAll(keystore, reader);
    expect(open(first.text("keystore"))).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(open(second.text("keystore"))).toBe(open(first.text("keystore")));
    expect(reader.calls).toEqual([
      "readSecret zuul-keystore",
      "createSecret zuul-keystore",
      "readSecret zuul-keystore",
    ]);
  });

  test("are all made before a pass that cannot make one of them ends", async () => {
    const reader = memoryReader({});
    const refusing = {
      ...reader,
      createSecret: async (made: NewSecret) => {
        if (made.name === "zuul-first") throw new Error("refused");
        await new Promise((resolve) => setImmediate(resolve));
        return reader.createSecret(made);
      },
    };
    const two = making(
      secret("first", { kind: "password", key: "password" }),
      secret("second", { kind: "password", key: "password" }),
    );
    await expect(resolveAll(two, refusing)).rejects.toThrow("refused");
    expect([...reader.secrets.keys()]).toEqual(["zuul-second"]);
  });

  test("take what somebody else made at the same moment", async () => {
    const reader = memoryReader({ secrets: { "zuul-keystore": { password: "theirs" } } });
    const late = { ...reader, readSecret: async () => undefined };
    const refs = await resolveAll(making(secret("keystore", { kind: "password", key: "password" })), late);
    expect(open(refs.text("keystore"))).toBe("theirs");
  });

  test("carry the labels, and the mark that keeps them", async () => {
    const made: unknown[] = [];
    const reader = memoryReader({});
    const watched: typeof reader = {
      ...reader,
      createSecret: (wanted) => {
        made.push([wanted.labels, wanted.annotations]);
        return reader.createSecret(wanted);
      },
    };
    await resolveAll(
      making(
        secret("k", { kind: "fernet", key: "k" }),
        secret("l", { kind: "fernet", key: "k" }, { retain: false }),
      ),
      watched,
    );
    expect(made).toEqual([
      [{ "app.kubernetes.io/instance": "zuul" }, { [retainAnnotation]: "true" }],
      [{ "app.kubernetes.io/instance": "zuul" }, undefined],
    ]);
  });

  test("are not filled up when a key was lost", async () => {
    const reader = memoryReader({ secrets: { "zuul-keystore": { other: "x" } } });
    const resolving = resolveAll(making(secret("keystore", { kind: "password", key: "password" })), reader);
    await expect(resolving).rejects.toBeInstanceOf(Blocked);
    await expect(resolving).rejects.toMatchObject({
      reason: "InvalidSecret",
      message: expect.stringMatching(/"zuul-keystore".*lost the key "password"/),
    });
    expect(reader.calls).toEqual(["readSecret zuul-keystore"]);
  });

  test("are not made while a reference is missing", async () => {
    const reader = memoryReader({});
    const references = [{ id: "a", source: { secretName: "absent" }, as: "text" as const }];
    await expect(
      resolveAll({ references, generated: [secret("k", { kind: "fernet", key: "k" })] }, reader),
    ).rejects.toMatchObject({ reason: "SecretMissing" });
    expect(reader.calls).toEqual(["readSecret absent"]);
  });

  test("give way to the user's own, under the user's own key", async () => {
    const reader = memoryReader({ secrets: { mine: { pw: "hush\n" } } });
    const keystore = secret(
      "keystore",
      { kind: "password", key: "password" },
      { adopt: { secretName: "mine", key: "pw" } },
    );
    const refs = await resolveAll(making(keystore), reader);
    expect([...refs.generated("keystore")].map(([key, value]) => [key, open(value)])).toEqual([
      ["password", "hush"],
    ]);
    expect([refs.secretNameOf("keystore"), refs.keyOf("keystore", "password")]).toEqual(["mine", "pw"]);
    expect(reader.calls).toEqual(["readSecret mine"]);
    await expect(resolveAll(making(keystore), memoryReader({ secrets: { mine: {} } }))).rejects.toMatchObject(
      {
        message: 'Secret "mine" has no key "pw" (spec.keystore)',
      },
    );
  });

  test("are stand-ins offline: the same input gives the same bytes", async () => {
    const all = making(
      secret("db", [
        { kind: "password", key: "password" },
        { kind: "literal", entries: { user: "zuul" } },
      ]),
      secret("ca", { kind: "ca", commonName: "zuul" }),
      secret("tls", {
        kind: "certificate",
        ca: "ca",
        commonName: "zk",
        dnsNames: ["zk"],
        usages: ["server"],
      }),
    );
    const refs = await resolveAll(all, memoryReader({ standIn: "***" }));
    expect([...refs.generated("db")].map(([key, value]) => [key, open(value)])).toEqual([
      ["password", "***"],
      ["user", "zuul"],
    ]);
    expect(open(refs.generated("tls").get("tls.pem") ?? fail())).toBe("***");
  });
});

describe("generators", () => {
  test("make an Ed25519 key that ssh-keygen and ssh-add accept", async () => {
    const refs = await resolveAll(
      making(secret("key", { kind: "sshKey", key: "ssh-privatekey", publicKey: "ssh-publickey" })),
      memoryReader({}),
    );
    const pair = refs.generated("key");
    withFiles({ key: pair.get("ssh-privatekey") }, (folder) => {
      expect(output(folder, "ssh-keygen", "-y", "-f", "key")).toContain(
        open(pair.get("ssh-publickey") ?? fail()),
      );
      const agent = output(folder, "ssh-agent", "-s");
      const [, socket = ""] = /SSH_AUTH_SOCK=([^;]+)/.exec(agent) ?? [];
      const [, pid = ""] = /SSH_AGENT_PID=(\d+)/.exec(agent) ?? [];
      try {
        const env = { ...process.env, SSH_AUTH_SOCK: socket };
        execFileSync("ssh-add", ["key"], { cwd: folder, env, stdio: "pipe" });
        expect(execFileSync("ssh-add", ["-L"], { cwd: folder, env, encoding: "utf8" })).toContain(
          "ssh-ed25519",
        );
      } finally {
        process.kill(Number(pid));
      }
    });
  });

  test("make an RSA key of 3072 bits in PEM that ssh-keygen accepts", async () => {
    const refs = await resolveAll(
      making(secret("key", { kind: "sshKey", key: "k", publicKey: "p", type: "rsa" })),
      memoryReader({}),
    );
    const pair = refs.generated("key");
    expect(open(pair.get("k") ?? fail())).toMatch(
      /^-----BEGIN RSA PRIVATE KEY-----\n[^]*-----END RSA PRIVATE KEY-----\n$/,
    );
    withFiles({ key: pair.get("k") }, (folder) => {
      expect(output(folder, "ssh-keygen", "-y", "-f", "key").trim()).toBe(open(pair.get("p") ?? fail()));
      expect(output(folder, "ssh-keygen", "-l", "-f", "key")).toMatch(/^3072 .*RSA/);
    });
  });

  test("make a Fernet key of 32 bytes, url-safe", async () => {
    const refs = await resolveAll(
      making(secret("k", { kind: "fernet", key: "database_fields.symmetric.key" })),
      memoryReader({}),
    );
    expect(open(refs.file("k"))).toMatch(/^[A-Za-z0-9_-]{43}=$/);
  });

  test("make a P-256 key pair that openssl reads, and that belongs together", async () => {
    const refs = await resolveAll(
      making(secret("t", { kind: "ecKeyPair", privateKey: "private.pem", publicKey: "public.pem" })),
      memoryReader({}),
    );
    const pair = refs.generated("t");
    withFiles({ "private.pem": pair.get("private.pem") }, (folder) => {
      expect(output(folder, "openssl", "pkey", "-in", "private.pem", "-pubout")).toBe(
        open(pair.get("public.pem") ?? fail()),
      );
      expect(output(folder, "openssl", "pkey", "-in", "private.pem", "-noout", "-text")).toContain("P-256");
    });
  });
});

const dnsNames = ["zk-0.zk.default.svc", "zk", "localhost", "127.0.0.1", "::1"];
const ensemble = (names: readonly string[] = dnsNames): References =>
  making(
    secret("ca", { kind: "ca", commonName: "zuul zookeeper" }),
    secret("server", {
      kind: "certificate",
      ca: "ca",
      commonName: "zk",
      dnsNames: names,
      usages: ["server", "client"],
    }),
  );

describe("certificates", () => {
  test("are trusted by openssl for their names and purposes", async () => {
    const refs = await resolveAll(ensemble(), memoryReader({ nowMs: now }));
    const server = refs.generated("server");
    withFiles(
      {
        "ca.crt": server.get("ca.crt"),
        "tls.crt": server.get("tls.crt"),
        "tls.key": server.get("tls.key"),
        "tls.pem": server.get("tls.pem"),
      },
      (folder) => {
        const verify = (...more: string[]): string =>
          output(
            folder,
            "openssl",
            "verify",
            "-x509_strict",
            "-attime",
            String(now / 1000 + 60),
            "-CAfile",
            "ca.crt",
            ...more,
            "tls.crt",
          );
        expect(verify("-purpose", "sslserver", "-verify_hostname", "zk-0.zk.default.svc")).toContain("OK");
        expect(verify("-purpose", "sslclient", "-verify_ip", "127.0.0.1")).toContain("OK");
        expect(() => verify("-verify_hostname", "elsewhere")).toThrow("hostname mismatch");
        expect(output(folder, "openssl", "pkey", "-in", "tls.pem", "-pubout")).toBe(
          output(folder, "openssl", "x509", "-in", "tls.crt", "-noout", "-pubkey"),
        );
      },
    );
    expect(open(server.get("tls.key") ?? fail())).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(open(server.get("tls.pem") ?? fail())).toBe(
      open(server.get("tls.crt") ?? fail()) + open(server.get("tls.key") ?? fail()),
    );
  });

  test("rest for two thirds of their life, and say until when", async () => {
    const reader = memoryReader({ nowMs: now });
    const wakes: number[] = [];
    const wakeAt = (ms: number) => void wakes.push(ms);
    await resolveAll(ensemble(), { ...reader, wakeAt });
    const firstMs = Math.min(...wakes);
    expect(Math.round((firstMs - now) / dayMs)).toBe(243);
    const later = reader.at(firstMs - 1);
    await resolveAll(ensemble(), later);
    expect(later.calls.filter((call) => !call.startsWith("read"))).toEqual([]);
  });

  test("are renewed after two thirds of their life, by the same CA", async () => {
    const reader = memoryReader({ nowMs: now });
    const wakes: number[] = [];
    const before = await resolveAll(ensemble(), { ...reader, wakeAt: (ms) => void wakes.push(ms) });
    const later = reader.at(Math.min(...wakes));
    const after = await resolveAll(ensemble(), later);
    expect(later.calls.filter((call) => !call.startsWith("read"))).toEqual(["replaceSecret zuul-server"]);
    expect(after.generated("ca").get("ca.crt")?.hash()).toBe(before.generated("ca").get("ca.crt")?.hash());
    expect(after.generated("server").get("tls.crt")?.hash()).not.toBe(
      before.generated("server").get("tls.crt")?.hash(),
    );
  });

  test("are renewed when a name is wanted that they do not cover, and not when one is no longer wanted", async () => {
    const reader = memoryReader({ nowMs: now });
    await resolveAll(ensemble(), reader);
    const more = reader.at(now);
    await resolveAll(ensemble([...dnsNames, "zk-1.zk.default.svc", "10.0.0.1"]), more);
    expect(more.calls).toContain("replaceSecret zuul-server");
    const fewer = reader.at(now);
    await resolveAll(ensemble(["zk"]), fewer);
    expect(fewer.calls.filter((call) => !call.startsWith("read"))).toEqual([]);
  });

  test("trust a new CA beside the old one before anything is signed by it", async () => {
    const reader = memoryReader({ nowMs: now });
    await resolveAll(ensemble(), reader);
    const sevenYears = now + 7 * 365 * dayMs;
    // The leaf was renewed a month before the CA comes due, as it is every eight months.
    const caDue = now + (3650 * dayMs * 2) / 3;
    const young = await resolveAll(ensemble(), reader.at(caDue - 30 * dayMs));
    const after = await resolveAll(ensemble(), reader.at(caDue + dayMs));
    expect(after.generated("server").get("tls.crt")?.hash()).toBe(
      young.generated("server").get("tls.crt")?.hash(),
    );
    expect(open(after.generated("server").get("ca.crt") ?? fail()).match(/BEGIN CERTIFICATE/g)).toHaveLength(
      2,
    );
    // Later the leaf renews by itself: now the new CA signs.
    const signed = await resolveAll(ensemble(), reader.at(sevenYears + 365 * dayMs));
    const [newCa = ""] = open(signed.generated("ca").get("ca.crt") ?? fail()).split(
      /(?<=END CERTIFICATE-----\n)/,
    );
    const leaf = new X509Certificate(open(signed.generated("server").get("tls.crt") ?? fail()));
    expect(leaf.verify(new X509Certificate(newCa).publicKey)).toBe(true);
  });

  test("are made anew at once when their CA was replaced by another", async () => {
    const reader = memoryReader({ nowMs: now });
    const before = await resolveAll(ensemble(), reader);
    const withoutCa = {
      ...reader,
      readSecret: async (name: string) => (name === "zuul-ca" ? undefined : reader.readSecret(name)),
      createSecret: (made: NewSecret) => reader.replaceSecret(made),
    };
    const after = await resolveAll(ensemble(), withoutCa);
    expect(after.generated("server").get("tls.crt")?.hash()).not.toBe(
      before.generated("server").get("tls.crt")?.hash(),
    );
  });
});

function fail(): never {
  throw new Error("expected a value");
}
