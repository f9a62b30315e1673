/// <reference types="node" />
/**
 * For tests: a connection and an auth section of every driver, each with every option that the driver has, and what
 * each daemon must then see. Who reads the files is the caller's choice: Python, Zuul from PyPI, Zuul in its image.
 */
import { memoryReader } from "@zuul-pulp/secret-ref/memory";
import { type GeneratedSecret, type Generator, open, resolveAll } from "@zuul-pulp/secret-ref";
import { authDrivers } from "./auth.ts";
import { drivers } from "./connections.ts";
import { type Daemon, loadersOf } from "./daemons.ts";
import type { OptionRule, OptionTable } from "./options.ts";
import { fileOf, type Rendered, renderObjects, zuulWith } from "./render.builders.ts";

/** Everything that has ever broken an INI file, in one value; it must survive the way into the file and out of it. */
export const awkward = "a%b%(c)s%% 'q\" #h ;s =e $d ${e} żółć 🔑 [x] \\n";

/** Section → option → value; of an option that is a file, what the file holds. */
export type Sections = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A section as asked for in the resource. */
interface Asked {
  /** Where it stands in the resource. */
  readonly map: "connections" | "auth";
  readonly name: string;
  /** As zuul.conf has it: `connection my gerrit.x`. */
  readonly section: string;
  readonly driver: string;
  readonly table: OptionTable;
  readonly loaders: readonly Daemon[];
  /** Of the Secret with everything that the options refer to, by the options' names. */
  readonly secretName: string;
}

const connections = Object.entries(drivers).map(([driver, { role, options }]): Asked => {
  const name = `my ${driver}.x`;
  const secretName = `connection-${driver}`;
  const loaders = loadersOf[role];
  return {
    map: "connections",
    name,
    section: `connection ${name}`,
    driver,
    table: options,
    loaders,
    secretName,
  };
});

const authSections = Object.entries(authDrivers).map(([driver, table]): Asked => {
  const secretName = `auth-${driver.toLowerCase()}`;
  return {
    map: "auth",
    name: driver,
    section: `auth ${driver}`,
    driver,
    table,
    loaders: ["web"],
    secretName,
  };
});

/** One section for each driver of connections and of auth. */
export const everyDriver: readonly Asked[] = [...connections, ...authSections];

/** Its password is encoded as a URL wants it, so a `%` stands in it. */
const dburi = "postgresql://zuul:p%40%25%23@127.0.0.1/zuul";

type Certificates = Readonly<Record<"ca" | "certificate" | "key", string>>;

/** What a driver opens or takes apart as soon as it is built; any other text does for the rest. */
const particular = ({ ca, certificate, key }: Certificates): Readonly<Record<string, string>> => ({
  "mqtt.ca_certs": ca,
  "mqtt.certfile": certificate,
  "mqtt.keyfile": key,
  "mqtt.ciphers": "HIGH:!aNULL",
  "elasticsearch.uri": "https://u:p%40%25%23@127.0.0.1:9,https://127.0.0.1:9",
  "elasticsearch.ca_certs": ca,
  "elasticsearch.client_cert": certificate,
  "elasticsearch.client_key": key,
  "aws.profile": "zuul",
  "aws.shared_credentials_file": "[zuul]\naccess_key_id = id\n",
  "azure.shared_credentials_file": `${JSON.stringify({ clientSecret: awkward })}\n`,
});

async function certificates(): Promise<Certificates> {
  const reader = memoryReader({ nowMs: Date.now() });
  const generated = (id: string, make: Generator): GeneratedSecret => ({
    id,
    secretName: id,
    labels: {},
    retain: false,
    make,
  });
  const authority = generated("ca", { kind: "ca", commonName: "ca" });
  const leaf = generated("leaf", {
    kind: "certificate",
    ca: "ca",
    commonName: "zuul",
    dnsNames: ["zuul"],
    usages: ["client"],
  });
  const refs = await resolveAll({ references: [], generated: [authority, leaf] }, reader);
  const made = refs.generated("leaf");
  const text = (name: string): string => {
    const sealed = made.get(name);
    if (sealed === undefined) throw new Error(`no ${name} was made`);
    return open(sealed);
  };
  return { ca: text("ca.crt"), certificate: text("tls.crt"), key: text("tls.key") };
}

/** A plausible value of an option, what stands in the Secret for it, and what the daemon must see. */
interface Wish {
  readonly given: unknown;
  readonly stored?: string;
  readonly seen: string;
}

function wish(name: string, rule: OptionRule, secretName: string, text: string): Wish {
  const reference = { secretName, key: name };
  switch (rule.kind) {
    case "integer":
      return { given: 7, seen: "7" };
    case "number":
      return { given: 2.5, seen: "2.5" };
    case "boolean":
      return { given: true, seen: "true" };
    case "list":
      return { given: ["a", "b"], seen: ["a", "b"].join(rule.separator ?? ",") };
    case "text":
      if (rule.oneOf !== undefined) return { given: rule.oneOf[0], seen: rule.oneOf[0] ?? "" };
      // An address may hold credentials, so people refer to a Secret there as well.
      return /^(uri|baseurl|cloneurl)$/.test(name)
        ? { given: reference, stored: text, seen: text }
        : { given: text, seen: text };
    case "secret":
      return { given: reference, stored: text, seen: text };
    case "file":
    case "secretFile":
      // ssh-add demands the final newline, which other files keep or do without.
      return { given: reference, stored: text, seen: rule.sshKey === true ? `${text}\n` : text };
    default:
      return rule.kind satisfies never;
  }
}

export interface EveryDriver {
  readonly rendered: Rendered;
  /** What a daemon's file must say of the sections of `everyDriver`, and of its database: no more, no less. */
  readonly promised: Readonly<Record<Daemon, Sections>>;
}

/** One Zuul with all of `everyDriver`. @param secretText what stands in the Secret for an option that is a secret string */
export async function renderEveryDriver(
  secretText: (option: string) => string = (option) => `${awkward} ${option}`,
): Promise<EveryDriver> {
  const chosen = particular(await certificates());
  const asked = everyDriver.map((section) => {
    const { driver, table, secretName } = section;
    const wishes = Object.entries(table).map(([name, rule]): readonly [string, Wish] => {
      const other = rule.kind === "secret" ? secretText(name) : `${awkward} ${name}`;
      return [name, wish(name, rule, secretName, chosen[`${driver}.${name}`] ?? other)];
    });
    return { ...section, wishes };
  });
  const given = (map: Asked["map"]) =>
    Object.fromEntries(
      asked
        .filter((section) => section.map === map)
        .map(({ name, driver, wishes }) => [name, { driver, ...mapped(wishes, (one) => one.given) }]),
    );
  const rendered = await renderObjects([
    { kind: "ConfigMap", metadata: { name: "tenants" }, data: { "main.yaml": JSON.stringify(tenants) } },
    { kind: "Secret", metadata: { name: "db" }, stringData: { dburi } },
    ...asked.map(({ secretName, wishes }) => ({
      kind: "Secret",
      metadata: { name: secretName },
      stringData: Object.fromEntries(
        wishes.flatMap(([name, { stored }]) => (stored === undefined ? [] : [[name, stored]])),
      ),
    })),
    zuulWith({
      scheduler: { config: "tenants" },
      database: { secretName: "db" },
      connections: given("connections"),
      auth: given("auth"),
    }),
  ]);
  const promisedTo = (daemon: Daemon): Sections => {
    const mine = asked
      .filter(({ loaders }) => loaders.includes(daemon))
      .map(({ section, driver, table, loaders, wishes }) => {
        const used = wishes.filter(([name]) => (table[name]?.readers ?? loaders).includes(daemon));
        return [section, { driver, ...mapped(used, (one) => one.seen) }];
      });
    const isDatabaseClient = daemon === "scheduler" || daemon === "web";
    return { ...(isDatabaseClient ? { database: { dburi } } : {}), ...Object.fromEntries(mine) };
  };
  const promised = {
    executor: promisedTo("executor"),
    merger: promisedTo("merger"),
    scheduler: promisedTo("scheduler"),
    web: promisedTo("web"),
    fingergw: promisedTo("fingergw"),
  };
  return { rendered, promised };
}

const mapped = <V>(wishes: readonly (readonly [string, Wish])[], of: (one: Wish) => V): Record<string, V> =>
  Object.fromEntries(wishes.map(([name, one]) => [name, of(one)]));

/** Every source of changes, each without projects. */
const tenants = [
  {
    tenant: {
      name: "x",
      source: Object.fromEntries(
        connections.filter(({ loaders }) => loaders.includes("merger")).map(({ name }) => [name, {}]),
      ),
    },
  },
];

/** The files of one daemon as `zuulLoads` takes them on standard input. */
export function filesFor(daemon: Daemon, { config }: Rendered): string {
  const { entries } = config.daemons[daemon];
  const files = Object.fromEntries(
    [...entries.keys()].map((name) => [name, fileOf(config.daemons[daemon], name)]),
  );
  return JSON.stringify({ daemon, files });
}

/**
 * A Python program for Zuul's own environment: builds connections and authenticators as the daemon does at start, and
 * prints what they were given, as `Sections`. Values go in and out by standard streams only.
 * @see zuul/cmd/*.py of Zuul 14.3.0: `readConfig`, `configure_connections`, `configure_authenticators`
 */
export const zuulLoads = `
import json, os, sys, tempfile, types
from zuul.cmd import ZuulApp
from zuul.lib.auth import AuthenticatorRegistry

asked = json.load(sys.stdin)
roles = {"executor": ["sources"], "merger": ["sources"], "fingergw": []}.get(
    asked["daemon"], ["database", "sources", "triggers", "reporters", "providers"])
seen = {}
with tempfile.TemporaryDirectory() as folder:
    for name, text in asked["files"].items():
        with open(os.path.join(folder, name), "w", encoding="utf-8", newline="") as file:
            file.write(text.replace("=/etc/zuul/", "=" + folder + "/") if name == "zuul.conf" else text)

    def content(value):
        if not value.startswith(folder + "/"):
            return value
        with open(value, encoding="utf-8", newline="") as file:
            return file.read()

    app = ZuulApp()
    app.args = types.SimpleNamespace(config=os.path.join(folder, "zuul.conf"))
    app.readConfig()
    app.configure_connections(**{role: True for role in roles})
    for name, connection in app.connections.connections.items():
        if name not in ("timer", "zuul"):
            section = name if name == "database" else "connection " + name
            seen[section] = {k: content(v) for k, v in connection.connection_config.items()}
    if asked["daemon"] == "web":
        registry = AuthenticatorRegistry()
        registry.configure(app.config)
        for name, authenticator in registry.authenticators.items():
            options = dict(app.config.items("auth " + name))
            own = {k: v for k, v in vars(authenticator).items() if k in options and isinstance(v, str)}
            seen["auth " + name] = {k: content(v) for k, v in {**options, **own}.items()}
json.dump(seen, sys.stdout)
sys.stdout.flush()
os._exit(0)  # drivers leave threads behind
`;
