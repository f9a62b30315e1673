/**
 * For each pod: sections, options, files, mounted Secrets and environment, no more and no fewer than the tables of
 * least privilege say. The wish behind it sets at least one thing of every kind.
 */
import { describe, expect, test } from "vitest";
import type { Daemon } from "./daemons.ts";
import { daemons } from "./daemons.ts";
import { fileOf, type Rendered, renderObjects, zuulWith } from "./render.builders.ts";

const nodepoolYaml = `
labels: [{name: small}]
diskimages: [{name: bookworm, elements: [debian-minimal]}]
providers:
  - {name: one, driver: openstack, cloud: x, diskimages: [{name: bookworm}],
     pools: [{name: main, max-servers: 1, labels: [{name: small, diskimage: bookworm, min-ram: 1}]}]}
`;

const secret = (...keys: readonly string[]) =>
  Object.fromEntries(keys.map((key) => [key, `value of ${key}`]));

async function everything(): Promise<Rendered> {
  return renderObjects([
    { kind: "ConfigMap", metadata: { name: "tenants" }, data: { "main.yaml": "[]" } },
    { kind: "ConfigMap", metadata: { name: "vars" }, data: { "variables.yaml": "a: 1" } },
    { kind: "ConfigMap", metadata: { name: "nodepool" }, data: { "nodepool.yaml": nodepoolYaml } },
    { kind: "ConfigMap", metadata: { name: "log" }, data: { "logging.yaml": "version: 1" } },
    {
      kind: "Secret",
      metadata: { name: "gerrit" },
      stringData: secret("sshkey", "password", "kafka_tls_key", "kafka_tls_cert", "kafka_tls_ca"),
    },
    { kind: "Secret", metadata: { name: "github" }, stringData: secret("app_key", "webhook_token") },
    { kind: "Secret", metadata: { name: "mail" }, stringData: secret("password") },
    {
      kind: "Secret",
      metadata: { name: "cloud" },
      stringData: secret("secret_access_key", "client_config_file"),
    },
    { kind: "Secret", metadata: { name: "auth" }, stringData: secret("secret") },
    { kind: "Secret", metadata: { name: "tls" }, stringData: secret("tls_cert", "tls_key", "tls_ca") },
    { kind: "Secret", metadata: { name: "clouds" }, stringData: secret("clouds.yaml") },
    { kind: "Secret", metadata: { name: "dib" }, stringData: secret("TOKEN") },
    { kind: "Secret", metadata: { name: "db" }, stringData: { dburi: "postgresql://u:p@h/d" } },
    { kind: "Secret", metadata: { name: "zk" }, stringData: secret("ca.crt", "tls.crt", "tls.key") },
    zuulWith({
      scheduler: { config: "tenants", relative_priority: true },
      executor: { variables: "vars", disk_limit_per_job: -1, options: { winrm_read_timeout_sec: 5 } },
      merger: { count: 1, git_timeout: 60, git_user_name: "Z" },
      web: { websocket_url: "wss://x/", stats_url: "https://s/" },
      fingergw: {
        zone: "here",
        options: {
          tls_cert: { secretName: "tls" },
          tls_key: { secretName: "tls" },
          tls_ca: { secretName: "tls" },
        },
      },
      launcher: { config: "nodepool" },
      builder: { config: "nodepool", secureEnv: { bookworm: { TOKEN: { secretName: "dib" } } } },
      database: { secretName: "db" },
      zookeeper: { hosts: "zk:2281/z", tls: { secretName: "zk" } },
      connections: {
        gerrit: {
          driver: "gerrit",
          server: "g",
          user: "z",
          sshkey: { secretName: "gerrit" },
          password: { secretName: "gerrit" },
          kafka_bootstrap_servers: ["k:1"],
          kafka_tls_key: { secretName: "gerrit" },
          kafka_tls_cert: { secretName: "gerrit" },
          kafka_tls_ca: { secretName: "gerrit" },
        },
        github: {
          driver: "github",
          app_id: 1,
          app_key: { secretName: "github" },
          webhook_token: { secretName: "github" },
        },
        mail: { driver: "smtp", user: "u", password: { secretName: "mail" } },
        aws: { driver: "aws", access_key_id: "a", secret_access_key: { secretName: "cloud" } },
        os: { driver: "openstack", cloud: "x", client_config_file: { secretName: "cloud" } },
      },
      auth: { op: { driver: "HS256", client_id: "c", issuer_id: "i", secret: { secretName: "auth" } } },
      externalConfig: { openstack: { secretName: "clouds" } },
      ansibleCallbacks: { plugin: { url: "https://c/" } },
      logging: { config: "log" },
      statsd: { server: "stats", port: 8125 },
      tracing: { enabled: true, endpoint: "t" },
      oidc: { default_signing_algorithm: "RS256" },
    }),
  ]);
}

/** `{section: options}` of a daemon's file. */
function optionsOf({ config }: Rendered, daemon: Daemon): Record<string, string[]> {
  const sections: Record<string, string[]> = {};
  let current: string[] = [];
  for (const line of fileOf(config.daemons[daemon], "zuul.conf").split("\n")) {
    const [, section] = /^\[(.*)\]$/.exec(line) ?? [];
    if (section !== undefined) sections[section] = current = [];
    else if (line !== "") current.push(line.slice(0, line.indexOf("=")));
  }
  return sections;
}

const zookeeper = ["hosts", "tls_cert", "tls_key", "tls_ca"];
const tls = ["tls_cert", "tls_key", "tls_ca"];
const git = ["git_timeout", "git_user_name"];
const tracing = { tracing: ["enabled", "endpoint"] };
const statsd = { statsd: ["server", "port"] };
const kafka = ["kafka_bootstrap_servers", "kafka_tls_key", "kafka_tls_cert", "kafka_tls_ca"];
const clouds = {
  "connection aws": ["driver", "access_key_id", "secret_access_key"],
  "connection os": ["driver", "cloud"],
};

const expected: Readonly<Record<Daemon, Readonly<Record<string, readonly string[]>>>> = {
  scheduler: {
    zookeeper,
    keystore: ["password"],
    database: ["dburi"],
    scheduler: ["tenant_config", "prometheus_port", "log_config", "relative_priority"],
    web: ["root", "websocket_url"],
    merger: ["git_timeout"],
    ...statsd,
    ...tracing,
    oidc: ["default_signing_algorithm"],
    "connection gerrit": ["driver", "server", "user", "sshkey", "password", ...kafka],
    "connection github": ["driver", "app_id", "app_key"],
    "connection mail": ["driver", "user", "password"],
    ...clouds,
  },
  web: {
    zookeeper,
    keystore: ["password"],
    database: ["dburi"],
    web: ["listen_address", "port", "prometheus_port", "root", "log_config", "websocket_url", "stats_url"],
    fingergw: tls,
    ...statsd,
    ...tracing,
    oidc: ["default_signing_algorithm"],
    "auth op": ["driver", "client_id", "issuer_id", "secret"],
    "connection gerrit": ["driver", "server", "user", "password"],
    "connection github": ["driver", "app_id", "app_key", "webhook_token"],
    "connection mail": ["driver", "user"],
    ...clouds,
  },
  executor: {
    zookeeper,
    keystore: ["password"],
    executor: [
      "private_key_file",
      "variables",
      "prometheus_port",
      "log_config",
      "manage_ansible",
      "disk_limit_per_job",
      "winrm_read_timeout_sec",
    ],
    merger: git,
    fingergw: tls,
    ...statsd,
    ...tracing,
    "ansible_callback plugin": ["url"],
    "connection gerrit": ["driver", "server", "user", "sshkey", "password"],
    "connection github": ["driver", "app_id", "app_key"],
  },
  merger: {
    zookeeper,
    merger: ["prometheus_port", "log_config", ...git],
    ...tracing,
    "connection gerrit": ["driver", "server", "user", "sshkey", "password"],
    "connection github": ["driver", "app_id", "app_key"],
  },
  fingergw: {
    zookeeper,
    fingergw: ["port", "public_port", "hostname", "prometheus_port", "log_config", "zone", ...tls],
  },
};

const sorted = (table: Readonly<Record<string, readonly string[]>>) =>
  Object.fromEntries(Object.entries(table).map(([section, options]) => [section, options.toSorted()]));

const secretFiles: Readonly<Record<Daemon, readonly string[]>> = {
  scheduler: [
    "connection-gerrit.kafka_tls_ca",
    "connection-gerrit.kafka_tls_cert",
    "connection-gerrit.kafka_tls_key",
    "connection-gerrit.sshkey",
    "connection-github.app_key",
    "logging.yaml",
    "main.yaml",
    "reconfigure-on",
    "reconfigure.py",
    "zuul.conf",
  ],
  web: [
    "connection-github.app_key",
    "fingergw.tls_ca",
    "fingergw.tls_cert",
    "fingergw.tls_key",
    "logging.yaml",
    "zuul.conf",
  ],
  executor: [
    "connection-gerrit.sshkey",
    "connection-github.app_key",
    "fingergw.tls_ca",
    "fingergw.tls_cert",
    "fingergw.tls_key",
    "logging.yaml",
    "nodes.key",
    "runner.py",
    "site-variables.yaml",
    "zuul.conf",
  ],
  merger: ["connection-gerrit.sshkey", "connection-github.app_key", "logging.yaml", "runner.py", "zuul.conf"],
  fingergw: ["fingergw.tls_ca", "fingergw.tls_cert", "fingergw.tls_key", "logging.yaml", "zuul.conf"],
};

describe("renderZuul()", () => {
  test.each(daemons)(
    "gives %s the sections, options and files that it uses, and no other",
    async (daemon) => {
      const rendered = await everything();
      expect(sorted(optionsOf(rendered, daemon))).toEqual(sorted(expected[daemon]));
      expect([...rendered.config.daemons[daemon].entries.keys()].toSorted()).toEqual(secretFiles[daemon]);
    },
  );

  test.each(daemons)("mentions each file of %s in its pod and no file that is not there", async (daemon) => {
    const { config } = await everything();
    const mentioned = [...fileOf(config.daemons[daemon], "zuul.conf").matchAll(/=\/etc\/zuul\/(.+)$/gm)].map(
      ([, file = ""]) => file,
    );
    const there = [...config.daemons[daemon].entries.keys()].filter(
      (file) => !["zuul.conf", "reconfigure-on", "reconfigure.py", "runner.py"].includes(file),
    );
    expect(mentioned.toSorted()).toEqual(there.toSorted());
  });
});

describe("synthZuul()", () => {
  test("lets each pod reach its own config Secret, ZooKeeper's client certificate and, near clouds, their files", async () => {
    const { plan } = await everything();
    const pods = plan.stages
      .flatMap(({ manifests }) => manifests)
      .filter(({ kind }) => kind === "StatefulSet" || kind === "Deployment");
    const table = pods.map((pod) => [
      pod.metadata.name.replace(/-one-[0-9a-f]{8}$/, "-one"),
      secretsOf(pod),
      environmentOf(pod),
    ]);
    expect(table).toEqual([
      ["zuul-executor", ["zk", "zuul-executor-config"], []],
      ["zuul-merger", ["zk", "zuul-merger-config"], []],
      ["zuul-scheduler", ["zk", "zuul-scheduler-config"], []],
      ["zuul-web", ["zk", "zuul-web-config"], []],
      ["zuul-fingergw", ["zk", "zuul-fingergw-config"], []],
      [
        "zuul-nodepool-launcher-one",
        ["clouds", "zk", "zuul-nodepool-launcher-one-config"],
        ["OS_CLIENT_CONFIG_FILE", "STATSD_HOST", "STATSD_PORT"],
      ],
      [
        "zuul-nodepool-builder",
        ["clouds", "zk", "zuul-nodepool-builder-config"],
        ["OS_CLIENT_CONFIG_FILE", "STATSD_HOST", "STATSD_PORT"],
      ],
    ]);
  });

  test("gives the secure file to builders alone", async () => {
    const { config } = await everything();
    expect([...(config.nodepool.builder?.entries.keys() ?? [])].toSorted()).toEqual([
      "logging.yaml",
      "nodepool.yaml",
      "secure.conf",
    ]);
    expect(config.nodepool.launchers.map(({ files }) => [...files.entries.keys()].toSorted())).toEqual([
      ["logging.yaml", "nodepool.yaml"],
    ]);
  });
});

const text = (value: unknown): string => JSON.stringify(value);

function secretsOf(pod: unknown): readonly string[] {
  const names = [...text(pod).matchAll(/"secretName":"([^"]+)"/g)].map(([, name = ""]) =>
    name.replace(/-one-[0-9a-f]{8}-config$/, "-one-config"),
  );
  return [...new Set(names)].toSorted();
}

function environmentOf(pod: unknown): readonly string[] {
  const [, env = ""] = /"env":\[(.*?)\]/.exec(text(pod)) ?? [];
  return [...env.matchAll(/"name":"([^"]+)"/g)].map(([, name = ""]) => name).toSorted();
}
