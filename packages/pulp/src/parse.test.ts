import { describe, expect, test } from "vitest";
import { parsePulp } from "./parse.ts";
import { pulpWith } from "./render.builders.ts";

const refusal = (
  spec: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>> = {},
): string => {
  try {
    parsePulp(pulpWith(spec, more));
  } catch (error) {
    return error instanceof Error && "reason" in error
      ? `${String(error.reason)}: ${error.message}`
      : String(error);
  }
  return "accepted";
};

describe("parsePulp()", () => {
  test("fills what a minimal resource leaves out", () => {
    const { image, database, cache, hasWeb } = parsePulp(pulpWith());
    expect(image).toBe("quay.io/pulp/pulp-minimal:3.123.1");
    expect(database.kind).toBe("single");
    expect(cache.kind).toBe("single");
    expect(hasWeb).toBe(true);
  });

  test.each([
    [
      "two storages",
      { storage: { filesystem: {}, s3: { bucket: "bucket", region: "r" } } },
      /exactly one of filesystem, s3/,
    ],
    ["no storage", { storage: {} }, /exactly one of filesystem, s3/],
    ["two databases", { database: { secretName: "x", single: {} } }, /at most one of secretName, single/],
    ["S3 without region and endpoint", { storage: { s3: { bucket: "bucket" } } }, /needs region or endpoint/],
    ["a tag in the image", { image: "example.com:5000/pulp:3.1" }, /image: must have no tag/],
    [
      "more connections than the server takes",
      { api: { replicas: 90, gunicorn: { workers: 4 } } },
      /needs up to 376 connections .* takes 200/,
    ],
    [
      "a proxy that gives up before gunicorn",
      { web: { timeoutSeconds: 60 } },
      /web\.timeoutSeconds: must be longer than/,
    ],
    [
      "a node port without nginx",
      { web: { replicas: 0 }, expose: { type: "NodePort" } },
      /web\.replicas: must be at least 1/,
    ],
    [
      "a limit of who may connect that nobody enforces",
      { expose: { type: "NodePort", loadBalancerSourceRanges: ["10.0.0.0/8"] } },
      /spec\.expose\.loadBalancerSourceRanges: counts only with type LoadBalancer, and type is NodePort: remove it/,
    ],
    [
      "the class of a claim that is there",
      { storage: { filesystem: { existingClaim: "mine", storageClassName: "fast" } } },
      /spec\.storage\.filesystem\.storageClassName: is not allowed with existingClaim/,
    ],
    [
      "connections of an external server without one",
      { database: { maxConnections: 100 } },
      /spec\.database\.maxConnections: is for an external server .* set database\.single\.maxConnections/,
    ],
    [
      "an owned setting",
      { settings: { DATABASES: {} } },
      /settings\.DATABASES: is written by the operator; set spec\.database/,
    ],
    ["an owned nested setting", { settings: { DATABASES__default__HOST: "x" } }, /set spec\.database/],
    ["an instruction to Dynaconf", { settings: { DYNACONF_INCLUDE: "/x" } }, /settings\.DYNACONF_INCLUDE/],
    [
      "a lower-case setting",
      { settings: { analytics: true } },
      /settings\.analytics: is no name of a setting/,
    ],
    [
      "a path that would break nginx",
      { settings: { CONTENT_PATH_PREFIX: "/a; }/" } },
      /settings\.CONTENT_PATH_PREFIX: must be a path/,
    ],
    [
      "a variable that hides settings",
      { api: { pod: { env: [{ name: "PULP_SECRET_KEY", value: "x" }] } } },
      /api\.pod\.env: PULP_SECRET_KEY/,
    ],
  ])("refuses %s", (_, spec, words) => {
    expect(refusal(spec)).toMatch(words);
    expect(refusal(spec)).toMatch(/^InvalidSpec: /);
  });

  test.each([
    ["/etc/pulp", "/etc/pulp is a mount of the operator's own"],
    ["/etc/pulp/certs", "lies in /etc/pulp, a mount"],
    ["/var/lib/pulp/media", "/var/lib/pulp/media is a mount"],
    ["/var/lib", "would hide /var/lib/pulp, a mount"],
  ])("refuses a volume at %s in every pod that loads the settings", (mountPath, words) => {
    const extra = { pod: { extraVolumes: [{ name: "v", mountPath, emptyDir: {} }] } };
    for (const process of ["api", "content", "worker"])
      expect(refusal({ [process]: extra })).toContain(
        `InvalidSpec: spec.${process}.pod.extraVolumes[0].mountPath: ${words}`,
      );
  });

  test("names every problem at once", () => {
    const message = refusal({ web: { timeoutSeconds: 60 }, settings: { DATABASES: {}, SECRET_KEY: "x" } });
    expect(message).toMatch(/DATABASES.*SECRET_KEY.*web\.timeoutSeconds/);
  });

  test.each([
    [
      "Azure",
      { storage: { azure: { container: "c" } } },
      /spec\.storage\.azure is not supported yet: set spec\.storage\.filesystem/,
    ],
    ["GCS", { storage: { gcs: { bucket: "b" } } }, /spec\.storage\.gcs is not supported yet/],
    ["CloudNativePG", { database: { cnpg: { instances: 3 } } }, /spec\.database\.cnpg is not supported yet/],
    [
      "Gateway",
      { expose: { type: "Gateway", host: "h.example.com", gateway: { name: "g" } } },
      /Gateway is not supported yet/,
    ],
    ["Route", { expose: { type: "Route" } }, /Route is not supported yet/],
    [
      "autoscaling",
      { api: { autoscaling: { maxReplicas: 3 } } },
      /spec\.api\.autoscaling is not supported yet: set spec\.api\.replicas/,
    ],
    ["a backup before upgrades", { upgrade: { backupBefore: true } }, /backupBefore is not supported yet/],
    ["LDAP", { ldap: { server: "x" } }, /spec\.ldap is not supported yet/],
    ["signing", { signing: { key: "x" } }, /spec\.signing is not supported yet/],
    ["telemetry", { telemetry: { enabled: true } }, /spec\.telemetry is not supported yet/],
  ])("says what to set instead of %s", (_, spec, words) => {
    expect(refusal(spec)).toMatch(words);
    expect(refusal(spec)).toMatch(/^NotSupportedYet: /);
  });

  test("refuses to go back to an older release", () => {
    expect(refusal({ version: "3.99.0" }, { status: { version: "3.123.1" } })).toMatch(
      /^DowngradeRefused: .* from pulpcore 3\.123\.1 to 3\.99\.0/,
    );
    expect(refusal({ version: "3.124.0" }, { status: { version: "3.123.1" } })).toBe("accepted");
  });

  test("refuses to leave artifacts behind", () => {
    const s3 = { storage: { s3: { bucket: "bucket", region: "r" } } };
    expect(refusal({ ...s3 }, { status: { storage: "filesystem" } })).toMatch(
      /^StorageChangeRefused: .* from filesystem to s3:bucket/,
    );
    expect(refusal({ ...s3 }, { status: { storage: "s3:bucket" } })).toBe("accepted");
  });
});
