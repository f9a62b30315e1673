import { describe, expect, test } from "vitest";
import { fileOf, pulpWith, renderObjects, secret } from "./render.builders.ts";

const processes = ["migration", "api", "content", "worker"] as const;

const canaries = {
  database: "canary-database",
  fieldEncryptionKey: "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
  secretKey: "canary-secret-key",
  adminPassword: "canary-admin",
  tokenPrivate: "canary-token-private",
  tokenPublic: "canary-token-public",
  storage: "canary-storage",
  cache: "canary-cache",
  login: "canary-ldap",
  plugin: "canary-kafka",
  tls: "canary-tls",
} as const;

const objects = [
  pulpWith({
    storage: { s3: { bucket: "bucket", region: "r", credentials: { secretName: "s3" } } },
    database: { secretName: "db" },
    cache: { secretName: "redis" },
    secretKey: { secretName: "django", key: "k" },
    fieldEncryptionKey: { secretName: "fernet", key: "k" },
    adminPassword: { secretName: "admin", key: "k" },
    tokenSigningKey: { secretName: "tokens" },
    expose: { type: "LoadBalancer", host: "pulp.example.com", tls: { secretName: "tls" } },
    settings: {
      AUTH_LDAP_BIND_PASSWORD: { secretName: "ldap", key: "k" },
      KAFKA: [{ password: { secretName: "kafka", key: "k" } }],
    },
  }),
  secret("s3", { accessKeyId: "id", secretAccessKey: canaries.storage }),
  secret("db", {
    host: "h",
    port: "5432",
    user: "u",
    password: canaries.database,
    dbname: "d",
    sslmode: "require",
  }),
  secret("redis", { host: "h", port: "6379", password: canaries.cache }),
  secret("django", { k: canaries.secretKey }),
  secret("fernet", { k: canaries.fieldEncryptionKey }),
  secret("admin", { k: canaries.adminPassword }),
  secret("tokens", { "private.pem": canaries.tokenPrivate, "public.pem": canaries.tokenPublic }),
  secret("tls", { "tls.crt": "certificate", "tls.key": canaries.tls }),
  secret("ldap", { k: canaries.login }),
  secret("kafka", { k: canaries.plugin }),
];

describe("a process holds only the secrets that it needs", () => {
  const both: readonly (keyof typeof canaries)[] = ["database", "fieldEncryptionKey"];
  const daemon: readonly (keyof typeof canaries)[] = [...both, "storage", "cache", "plugin"];
  test.each([
    // The password Job shares the files of the migration, so this row stands for both.
    ["migration", both],
    ["content", daemon],
    ["worker", daemon],
    ["api", [...daemon, "secretKey", "tokenPrivate", "tokenPublic", "login"]],
  ] as const)("%s", async (process, expected) => {
    const { config } = await renderObjects(objects);
    const text = [...config.processes[process].files.keys()]
      .map((name) => fileOf(config, process, name))
      .join("\n");
    const held = Object.entries(canaries).flatMap(([name, value]) => (text.includes(value) ? [name] : []));
    expect(held.sort()).toEqual([...expected].sort());
  });

  test("and no secret is anywhere but in Secrets", async () => {
    const { plan } = await renderObjects(objects);
    const open = plan.stages.flatMap(({ manifests }) => manifests).filter(({ kind }) => kind !== "Secret");
    const text = JSON.stringify([open, plan.notices]);
    expect(Object.values(canaries).filter((value) => text.includes(value))).toEqual([]);
  });
});

describe("a change rolls exactly the processes that read it", () => {
  const hashes = async (change: Readonly<Record<string, Readonly<Record<string, string>>>>) => {
    const changed = objects.map((object) => {
      const stringData = change[String(object.metadata?.name)];
      return object.kind === "Secret" && stringData !== undefined
        ? { ...object, stringData: { ...object.stringData, ...stringData } }
        : object;
    });
    const { config } = await renderObjects(changed);
    return {
      ...Object.fromEntries(processes.map((name) => [name, config.processes[name].hash])),
      web: config.nginx.hash,
      migrationJob: config.migrationHash,
      passwordJob: config.passwordHash,
    };
  };

  test.each([
    ["Django's key", { django: { k: "another" } }, ["api"]],
    ["a cache password", { redis: { password: "another" } }, ["api", "content", "worker"]],
    ["storage credentials", { s3: { secretAccessKey: "another" } }, ["api", "content", "worker"]],
    ["a login secret", { ldap: { k: "another" } }, ["api"]],
    ["the registry's keys", { tokens: { "private.pem": "another" } }, ["api"]],
    ["the admin password", { admin: { k: "another" } }, ["passwordJob"]],
    ["the certificate", { tls: { "tls.key": "another" } }, ["web"]],
    ["the database password", { db: { password: "another" } }, ["migration", "api", "content", "worker"]],
  ])("%s", async (_, change, expected) => {
    const before: Record<string, string> = await hashes({});
    const after: Record<string, string> = await hashes(change);
    expect(
      Object.keys(before)
        .filter((name) => before[name] !== after[name])
        .sort(),
    ).toEqual([...expected].sort());
  });
});
