/// <reference types="node" />
/** Zuul's own code loads what we render, with every driver, and gets every secret back as it was. */
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { drivers } from "./connections.ts";
import { type Daemon, daemons, loadersOf } from "./daemons.ts";
import { fileOf, type Rendered, renderObjects, zuulWith } from "./render.builders.ts";
import { zuulPython } from "./zuul-program.builders.ts";

const timeout = 600_000; // the first run installs Zuul

/** Everything that has ever broken an INI file, in one credential. */
const awkward = "a%b%(c)s%% 'q\" #h ;s =e $d ${e} żółć [x] \\n";

const pem = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});

const secret = (key: string) => ({ secretName: "s", key });
const password = secret("password");

const connections: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  gerrit: {
    driver: "gerrit",
    server: "gerrit.example.com",
    user: "zuul",
    sshkey: secret("key"),
    password,
    auth_type: "digest",
    verify_ssl: false,
    git_over_ssh: true,
    stream_events: false,
  },
  git: { driver: "git", baseurl: "https://user:p%40ss@git.example.com/", poll_delay: 2.5 },
  hub: { driver: "github", app_id: 7, app_key: secret("key"), webhook_token: password, verify_ssl: false },
  lab: {
    driver: "gitlab",
    api_token: password,
    api_token_name: "zuul",
    webhook_token: password,
    disable_connection_pool: true,
  },
  pagure: { driver: "pagure", api_token: password, source_whitelist: ["127.0.0.1", "127.0.0.2"] },
  mail: { driver: "smtp", server: "smtp.example.com", user: "zuul", password, use_starttls: true },
  mqtt: { driver: "mqtt", server: "mqtt.example.com", user: "zuul", password },
  search: { driver: "elasticsearch", uri: secret("uri"), use_ssl: false, verify_certs: false },
  aws: { driver: "aws", access_key_id: "id", secret_access_key: password },
  azure: { driver: "azure", tenant_id: "t", client_id: "c", subscription_id: "s", client_secret: password },
  cloud: { driver: "openstack", cloud: "vexx" },
  pods: { driver: "kubernetes", context: "here", use_openshift_projects: true },
  "static.nodes": { driver: "static" },
};

/** Builds the registry as a daemon does, and prints its connections with the options that Zuul sees. */
const load = `
import configparser, json, sys
from zuul.lib.connections import ConnectionRegistry
seen = {}
for daemon in ("scheduler", "web", "executor", "merger"):
    conf = configparser.ConfigParser()
    conf.read(f"{sys.argv[1]}/{daemon}.zuul.conf", encoding="utf-8")
    registry = ConnectionRegistry()
    roles = dict(sources=True)
    if daemon in ("scheduler", "web"):
        roles.update(triggers=True, reporters=True, providers=True)
    registry.configure(conf, **roles)
    seen[daemon] = {n: dict(c.connection_config) for n, c in registry.connections.items() if n not in ("timer", "zuul")}
    registry.stop()
json.dump(seen, sys.stdout)
`;

/** \`zuul-admin tenant-conf-check\` needs neither ZooKeeper nor a database. */
const check = `
import sys
from zuul.cmd.client import main
sys.argv = ["zuul-admin", "-c", sys.argv[1], "tenant-conf-check"]
main()
`;

const folder = mkdtempSync(join(tmpdir(), "zuul-accepts-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Every file of every daemon, with its paths pointing here instead of /etc/zuul. */
function write({ config }: Rendered): void {
  for (const daemon of daemons) {
    for (const name of config.daemons[daemon].entries.keys()) {
      const text = fileOf(config.daemons[daemon], name);
      writeFileSync(
        join(folder, `${daemon}.${name}`),
        name === "zuul.conf" ? text.replaceAll("/etc/zuul/", `${folder}/${daemon}.`) : text,
      );
    }
  }
}

async function rendered(): Promise<Rendered> {
  const sources = Object.entries(connections).filter(([, { driver }]) =>
    ["gerrit", "git", "github", "gitlab", "pagure"].includes(String(driver)),
  );
  const tenants = [
    { tenant: { name: "x", source: Object.fromEntries(sources.map(([name]) => [name, {}])) } },
  ];
  return renderObjects([
    { kind: "ConfigMap", metadata: { name: "tenants" }, data: { "main.yaml": JSON.stringify(tenants) } },
    // Without final newline: ssh-add would refuse the key.
    {
      kind: "Secret",
      metadata: { name: "s" },
      stringData: { password: awkward, key: pem.privateKey.trimEnd(), uri: "http://u:p%40@127.0.0.1:9" },
    },
    zuulWith({ scheduler: { config: "tenants" }, database: { mode: "single" }, connections }),
  ]);
}

/** What the daemon must see: the same names, secrets as they are in the Secret. */
function wanted(daemon: Daemon) {
  const mine = Object.entries(connections).filter(([, { driver }]) =>
    Object.entries(drivers).some(([name, { role }]) => name === driver && loadersOf[role].includes(daemon)),
  );
  return mine.map(([name]) => name).toSorted();
}

describe("Zuul 14", () => {
  test("loads the connections of each daemon and reads every secret back", { timeout }, async () => {
    const python = await zuulPython();
    write(await rendered());
    const seen: Record<string, Record<string, Record<string, string>>> = JSON.parse(
      await python(load, folder),
    );
    for (const daemon of ["scheduler", "web", "executor", "merger"] as const) {
      expect(Object.keys(seen[daemon] ?? {}).toSorted()).toEqual(wanted(daemon));
      const secrets = Object.values(seen[daemon] ?? {}).flatMap((options) =>
        Object.entries(options).filter(([name]) =>
          /password|token$|^secret_access_key$|^client_secret$/.test(name),
        ),
      );
      expect(secrets.map(([, value]) => value)).toEqual(secrets.map(() => awkward));
      expect(secrets.length).toBeGreaterThanOrEqual(3);
    }
    expect(seen["executor"]?.["git"]?.["baseurl"]).toBe("https://user:p%40ss@git.example.com/");
  });

  test("accepts the tenant file with these connections", { timeout }, async () => {
    const python = await zuulPython();
    write(await rendered());
    await expect(python(check, join(folder, "scheduler.zuul.conf"))).resolves.toBeDefined();
  });
});
