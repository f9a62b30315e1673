import { describe, expect, test } from "vitest";
import type { ZuulPermissions } from "./permissions.ts";
import { everything, renderObjects, zuulWith } from "./render.builders.ts";

const canary = "c4n4ry-value";

interface Outcome {
  readonly name: string;
  readonly reason: string;
  readonly message: string;
}

/** What the line throws for this spec, beside a tenant file and a Secret with every kind of bad content. */
async function outcomeOf(
  spec: Readonly<Record<string, unknown>>,
  more: Partial<{ tenants: string; permissions: ZuulPermissions }> = {},
): Promise<Outcome> {
  const { tenants = "[]", permissions = everything } = more;
  const objects = [
    { kind: "ConfigMap", metadata: { name: "tenants" }, data: { "main.yaml": tenants } },
    {
      kind: "ConfigMap",
      metadata: { name: "pools" },
      data: { "nodepool.yaml": "providers: [{name: fake-1, driver: openstack}]" },
    },
    {
      kind: "Secret",
      metadata: { name: "s" },
      stringData: {
        password: `${canary}\n[scheduler]\nx=1`,
        empty: "",
        padded: ` ${canary}`,
        uri: `mysql://u:${canary}@h/d`,
        good: canary,
      },
    },
    zuulWith({ scheduler: { config: "tenants" }, database: { mode: "single" }, ...spec }),
  ];
  const thrown = await renderObjects(objects, { permissions }).then(
    () => ({ name: "nothing", reason: "", message: "" }),
    (error: Outcome) => error,
  );
  expect(thrown.message).not.toContain(canary);
  return { name: thrown.name, reason: thrown.reason, message: thrown.message };
}

const gerrit = (options: Readonly<Record<string, unknown>>) => ({
  connections: { gerrit: { driver: "gerrit", server: "g", user: "z", ...options } },
});

const withVolumeAt = (mountPath: string) => ({
  pod: { extraVolumes: [{ name: "more", mountPath, emptyDir: {} }] },
});

describe("parseZuul()", () => {
  test.each<[string, Readonly<Record<string, unknown>>, readonly string[]]>([
    [
      "an unknown driver",
      { connections: { x: { driver: "gcp" } } },
      ["spec.connections.x: driver must be one of gerrit"],
    ],
    [
      "the driver that never was",
      { connections: { x: { driver: "openshift" } } },
      ["use kubernetes with use_openshift_projects"],
    ],
    [
      "a reserved connection name",
      { connections: { timer: { driver: "git", baseurl: "x" } } },
      ["spec.connections.timer: is a name that Zuul reserves"],
    ],
    [
      "a connection name that would be a path",
      { connections: { "a/b": { driver: "git", baseurl: "x" } } },
      ["spec.connections.a/b: a connection name"],
    ],
    [
      "a secret in plain text",
      gerrit({ password: "p" }),
      ["spec.connections.gerrit.password: is a secret", "{secretName: NAME, key: password}"],
    ],
    [
      "an option without its companion",
      gerrit({ kafka_tls_key: { secretName: "s" } }),
      ["kafka_tls_cert: is required with kafka_tls_key"],
    ],
    [
      "a missing required option",
      { connections: { x: { driver: "gerrit", server: "g" } } },
      ["spec.connections.x.user: is required"],
    ],
    [
      "GitHub without a webhook token",
      { connections: { x: { driver: "github" } } },
      ["webhook_token: is required while web runs"],
    ],
    [
      "a line break in plain text",
      gerrit({ baseurl: "a\nb" }),
      ["spec.connections.gerrit.baseurl: contains a line break"],
    ],
    [
      "a boolean that Zuul would misread",
      gerrit({ verify_ssl: "no" }),
      ["verify_ssl: must be true or false"],
    ],
    [
      "count on launcher",
      { launcher: { config: "pools", count: 2 } },
      ["spec.launcher.count: is not allowed"],
    ],
    ["neither mergers nor executors", { executor: { count: 0 } }, ["at least one executor or merger"]],
    ["two databases", { database: { mode: "single", secretName: "s" } }, ["spec.database: is either"]],
    ["ZooKeeper in even numbers", { zookeeper: { count: 2 } }, ["spec.zookeeper.count: must be 1, 3 or 5"]],
    ["ZooKeeper without TLS", { zookeeper: { hosts: "zk:2181" } }, ["spec.zookeeper.tls: is required"]],
    [
      "an address that is none",
      { web: { status_url: "zuul.example.org" } },
      ["spec.web.status_url: must be an absolute"],
    ],
    [
      "a variable that leaks into every section",
      { web: { pod: { env: [{ name: "ZUUL_X", value: "1" }] } } },
      ["spec.web.pod.env: ZUUL_X"],
    ],
    [
      "an option that the operator owns",
      { executor: { options: { finger_port: 1 } } },
      ["spec.executor.options.finger_port: is set by the operator"],
    ],
    [
      "one host name for several executors",
      { executor: { count: 2, options: { hostname: "x.example.org" } } },
      ["spec.executor.options.hostname: would be the name of every executor"],
    ],
    [
      "an option with a field of its own",
      { executor: { options: { zone: "x" } } },
      ["spec.executor.options.zone: has a field of its own, write it as spec.executor.zone"],
    ],
    [
      "a certificate for the other protocol of tracing",
      { tracing: { enabled: true, certificate_file: { configMapName: "ca" } } },
      ["spec.tracing.certificate_file: counts only with protocol http/protobuf"],
    ],
    [
      "TLS of gRPC for tracing over HTTP",
      {
        tracing: {
          enabled: true,
          protocol: "http/protobuf",
          insecure: true,
          tls_ca: { configMapName: "ca" },
        },
      },
      ["spec.tracing.insecure: counts only with protocol grpc", "spec.tracing.tls_ca: counts only"],
    ],
    [
      "a job volume with a colon",
      { jobVolumes: [{ context: "trusted", path: "/a:b", volume: { emptyDir: {} } }] },
      ["spec.jobVolumes[0].path: must not contain a colon"],
    ],
    [
      "a job volume over the builds",
      { jobVolumes: [{ context: "trusted", path: "/var/lib/zuul/builds", volume: { emptyDir: {} } }] },
      ["must not be inside /var/lib/zuul"],
    ],
    [
      "a job volume over ZooKeeper's certificate",
      { jobVolumes: [{ context: "trusted", path: "/etc/zookeeper-client", volume: { emptyDir: {} } }] },
      ["must not be inside /etc/zookeeper-client"],
    ],
    [
      "a job volume that hides the configuration",
      { jobVolumes: [{ context: "trusted", path: "/etc", volume: { emptyDir: {} } }] },
      ["spec.jobVolumes[0].path: would hide /etc/zuul"],
    ],
    [
      "a path written in two ways",
      { jobVolumes: [{ context: "trusted", path: "/a//b/", volume: { emptyDir: {} } }] },
      ["must not contain //"],
    ],
    [
      "a volume in the place of our own",
      { scheduler: { config: "tenants", ...withVolumeAt("/etc/zuul/more") } },
      ["spec.scheduler.pod.extraVolumes[0].mountPath: lies in /etc/zuul"],
    ],
    [
      "a volume in the place of a job's",
      {
        executor: withVolumeAt("/a"),
        jobVolumes: [{ context: "trusted", path: "/a", volume: { emptyDir: {} } }],
      },
      ["spec.executor.pod.extraVolumes[0].mountPath: /a is a mount of the operator's own"],
    ],
    [
      "a volume in the place of a cloud's files",
      {
        builder: { config: "pools", ...withVolumeAt("/etc/openstack") },
        externalConfig: { openstack: { secretName: "s" } },
      },
      ["spec.builder.pod.extraVolumes[0].mountPath: /etc/openstack is a mount of the operator's own"],
    ],
    [
      "a job volume without source",
      { jobVolumes: [{ context: "trusted", path: "/a", volume: { name: "x" } }] },
      ["spec.jobVolumes[0].volume: must have exactly one source"],
    ],
    [
      "two volumes at one path",
      {
        jobVolumes: [
          { context: "trusted", path: "/a", volume: { emptyDir: {} } },
          { context: "untrusted", path: "/a", volume: { configMap: { name: "x" } } },
        ],
      },
      ["/a is mounted from another volume"],
    ],
    ["a field that does not exist", { executor: { cuont: 1 } }, ["cuont"]],
  ])("refuses %s", async (_, spec, words) => {
    const { name, reason, message } = await outcomeOf(spec);
    expect([name, reason]).toEqual(["Blocked", "InvalidSpec"]);
    for (const part of words) expect(message).toContain(part);
  });

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ["gRPC by default", { tls_ca: { secretName: "s", key: "good" }, insecure: true }],
    [
      "HTTP",
      { protocol: "http/protobuf", certificate_file: { secretName: "s", key: "good" }, insecure: false },
    ],
    ["either while it is off", { enabled: false, certificate_file: { secretName: "s", key: "good" } }],
  ])("accepts what belongs to tracing over %s", async (_, tracing) => {
    expect((await outcomeOf({ tracing: { enabled: true, ...tracing } })).name).toBe("nothing");
  });

  test("names everything that is wrong at once", async () => {
    const { message } = await outcomeOf({
      zookeeper: { count: 4 },
      connections: { timer: { driver: "git" }, x: { driver: "y" } },
    });
    expect(message.split("; ")).toHaveLength(3);
  });

  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ["an omitted database", { database: null }, "{mode: single}"],
    ["zuul-launcher", { zuulLauncher: { count: 1 } }, "launcher (Nodepool)"],
    ["a registry", { registry: { count: 1 } }, "set its count to 0"],
    ["a preview", { preview: { count: 1 } }, "set its count to 0"],
    ["another major version", { version: "15.0.0" }, "set a 14.x release"],
    [
      "another major version of one program",
      { web: { image: "quay.io/zuul-ci/zuul-web:15.1.0" } },
      "spec.web.image 15.1.0: a change of Zuul's major version",
    ],
  ])("says that %s is for later, and what to set instead", async (_, spec, words) => {
    const { name, reason, message } = await outcomeOf(spec);
    expect([name, reason]).toEqual(["Blocked", "NotSupportedYet"]);
    expect(message).toContain(words);
  });
});

describe("resolveAll(referencesOf())", () => {
  test("waits for all that is missing, by name and place", async () => {
    const { name, reason, message } = await outcomeOf(
      gerrit({ password: { secretName: "nope" }, sshkey: { secretName: "s", key: "absent" } }),
    );
    expect([name, reason]).toEqual(["Waiting", "SecretMissing"]);
    expect(message).toContain('Secret "nope" does not exist (spec.connections.gerrit.password)');
    expect(message).toContain('Secret "s" has no key "absent" (spec.connections.gerrit.sshkey)');
  });

  test("is blocked by a name that cannot exist", async () => {
    const { name, message } = await outcomeOf(gerrit({ password: { secretName: "gerritSecrets" } }));
    expect(name).toBe("Blocked");
    expect(message).toContain("gerrit-secrets");
  });
});

describe("renderZuul()", () => {
  test.each<[string, Readonly<Record<string, unknown>>, readonly string[]]>([
    [
      "a line break in a secret",
      gerrit({ password: { secretName: "s" } }),
      ['key "password" of Secret "s" (spec.connections.gerrit.password)', "line break"],
    ],
    [
      "white space around a secret",
      gerrit({ password: { secretName: "s", key: "padded" } }),
      ['key "padded"', "white space"],
    ],
    ["an empty secret", gerrit({ password: { secretName: "s", key: "empty" } }), ['key "empty"']],
    [
      "a URL that Zuul has no driver for",
      { database: { secretName: "s", key: "uri" } },
      ['key "uri" of Secret "s" (spec.database)', "mysql+pymysql://"],
    ],
  ])("refuses %s by object, key and rule", async (_, spec, words) => {
    const { name, reason, message } = await outcomeOf(spec);
    expect([name, reason]).toEqual(["Blocked", "InvalidSecret"]);
    for (const part of words) expect(message).toContain(part);
  });

  test.each<[string, string, string]>([
    ["that is no YAML", "- tenant: {", "not valid YAML"],
    ["that is no list", "tenant: {}", "must be a list of tenants"],
    ["with an unknown key", "- tennant: {name: x}", "unknown key tennant"],
    [
      "with a connection that is not there",
      "- tenant: {name: x, source: {gerrit: {}}}",
      "tenant x uses the connection gerrit",
    ],
    ["with a tenant twice", "- tenant: {name: x}\n- tenant: {name: x}", "tenant x is there twice"],
  ])("keeps the last good tenant file when there is one %s", async (_, tenants, words) => {
    const { name, reason, message } = await outcomeOf({}, { tenants });
    expect([name, reason]).toEqual(["Blocked", "InvalidTenantConfig"]);
    expect(message).toContain(words);
  });

  test("keeps all launchers when a provider is wrong", async () => {
    const { name, reason, message } = await outcomeOf({ launcher: { config: "pools" } });
    expect([name, reason]).toEqual(["Blocked", "InvalidNodepoolConfig"]);
    expect(message).toContain("fake-1");
  });
});

describe("synthZuul()", () => {
  const nothing: ZuulPermissions = {
    hostPathPrefixes: ["/srv/jobs"],
    privilegedExecutor: false,
    privilegedBuilder: false,
  };

  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ["privileged executors", {}, "--no-privileged-executor"],
    ["privileged builders", { builder: { config: "empty", privileged: true } }, "--allow-privileged-builder"],
    [
      "a folder of the node",
      { jobVolumes: [{ context: "trusted", path: "/a", volume: { hostPath: { path: "/srv/jobs-2" } } }] },
      "--allow-host-path",
    ],
  ])("refuses %s that the administrator did not grant, and names the flag", async (_, spec, flag) => {
    const objects = [
      { kind: "ConfigMap", metadata: { name: "tenants" }, data: { "main.yaml": "[]" } },
      { kind: "ConfigMap", metadata: { name: "empty" }, data: { "nodepool.yaml": "{}" } },
      zuulWith({ scheduler: { config: "tenants" }, database: { mode: "single" }, ...spec }),
    ];
    await expect(renderObjects(objects, { permissions: nothing })).rejects.toMatchObject({
      name: "Blocked",
      reason: "Refused",
    });
    await expect(renderObjects(objects, { permissions: nothing })).rejects.toThrow(flag);
  });
});
