/**
 * Canaries: a planted value in every secret input of both operators, and every value that they generate, searched
 * wherever a person or a program could read it without the right to read Secrets.
 */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kinds, type KindSpec, ownedKinds } from "@zuul-pulp/k8s-core";
import { unzipSync } from "fflate";
import { eventually, field } from "../../e2e/lab/look.ts";
import { person } from "../../e2e/lab/person.ts";
import { type Fault, refusal } from "../faults/fault.ts";
import type { Lab } from "../lab/lab.ts";
import { productOf } from "../lab/products.ts";
import type { Room } from "../lab/room.ts";
import { type Check, check, type Suite } from "./suite.ts";

type Texts = Readonly<Record<string, string>>;

interface Garden {
  /** Secrets of the user's own, with a canary in each. */
  readonly secrets: Readonly<Record<string, Texts>>;
  /** What the spec says of them, over the product's example. */
  readonly spec: object;
  /** Specs that are refused or wait, each of which quotes a secret by mistake or names a broken one. */
  readonly mistakes: readonly object[];
}

/** Letters and digits, so that no encoding hides it; the same bird never twice. */
function bird(place: string): string {
  const plain = place.replaceAll(/[^a-z]/g, "");
  return `Canary7${plain}Q${Buffer.from(place).toString("hex").slice(0, 12)}`;
}

const pem = (place: string): string =>
  `-----BEGIN OPENSSH PRIVATE KEY-----\n${bird(place)}\n-----END OPENSSH PRIVATE KEY-----\n`;

const zuul: Garden = {
  secrets: {
    "c-dburi": { dburi: `mysql+pymysql://zuul:${bird("dburi")}@db.example.org/zuul` },
    "c-gerrit": { sshkey: pem("gerrit-key"), password: bird("gerrit-password") },
    "c-node": { sshkey: pem("node-key") },
    "c-keystore": { password: bird("keystore") },
    "c-broken": { password: `${bird("broken")}\nsecond line` },
  },
  spec: {
    database: { secretName: "c-dburi" },
    keystore: { secretName: "c-keystore", key: "password" },
    executor: { sshkey: { secretName: "c-node" } },
    connections: {
      gerrit: {
        driver: "gerrit",
        server: "gerrit.example.org",
        user: "zuul",
        sshkey: { secretName: "c-gerrit" },
        password: { secretName: "c-gerrit", key: "password" },
      },
    },
  },
  mistakes: [
    { connections: { gerrit: { password: bird("plain-password") } } },
    { connections: { gerrit: { password: { secretName: "c-broken" } } } },
    { database: { secretName: "c-broken", key: "password" } },
  ],
};

const fernet = Buffer.from(bird("fernet").padEnd(32, "x").slice(0, 32)).toString("base64");

const pulp: Garden = {
  secrets: {
    "c-admin": { password: bird("admin") },
    "c-key": { key: `${bird("django")}${"k".repeat(40)}` },
    "c-fernet": { key: fernet },
    "c-mail": { password: bird("mail") },
    "c-database": {
      host: "db.example.org",
      port: "5432",
      user: "pulp",
      password: bird("database"),
      dbname: "pulp",
      sslmode: "prefer",
    },
    "c-broken": { password: `${bird("broken")}\nsecond line` },
  },
  spec: {
    adminPassword: { secretName: "c-admin" },
    secretKey: { secretName: "c-key", key: "key" },
    fieldEncryptionKey: { secretName: "c-fernet", key: "key" },
    settings: { EMAIL_HOST_PASSWORD: { secretName: "c-mail", key: "password" } },
  },
  mistakes: [
    { adminPassword: { secretName: "c-broken" } },
    { fieldEncryptionKey: { secretName: "c-broken", key: "password" } },
    { settings: { EMAIL_HOST_PASSWORD: { secretName: "c-mail", key: "absent" } } },
  ],
};

const gardens = { zuul, pulp } as const;

/** Answers that quote what they must not: the server's words about a Secret, and an answer that was spoilt. */
const quoting: readonly Fault[] = [
  {
    name: "quoting-422",
    group: "error",
    hits: ["write"],
    meaning: "the server quotes a value that it refuses",
    times: 3,
    request: async (exchange) => {
      exchange.reply(refusal(422, "Invalid", `Secret is invalid: data: Invalid value: "${bird("quoted")}"`));
    },
  },
  {
    name: "spoilt",
    group: "error",
    hits: ["read"],
    meaning: "an answer with a value in it is no JSON",
    request: async (exchange) => {
      await exchange.forward();
      const body = Buffer.from(`{"data":{"password":"${bird("spoilt")}"<html>`);
      exchange.reply({ status: 200, headers: { "content-type": "application/json" }, body });
    },
  },
];

export const suite: Suite = {
  name: "canaries",
  meaning: "no secret value outside of Secrets and the files made for the pods",
  short: {},
  run: async (lab, report, operators) => {
    for (const operator of operators) await search(lab, report, operator);
  },
};

async function search(lab: Lab, report: (check: Check) => void, operator: "zuul" | "pulp"): Promise<void> {
  const garden: Garden = gardens[operator];
  const room = await lab.room(productOf(operator));
  const { admin, namespace, product, proxy } = room;
  await room.leads();
  for (const [name, stringData] of Object.entries(garden.secrets))
    await admin.apply(
      kinds.Secret,
      namespace,
      { apiVersion: "v1", kind: "Secret", metadata: { name, namespace }, stringData },
      person,
    );
  const example = product.manifest("one");
  const manifest = {
    ...example,
    metadata: { name: "one", namespace },
    spec: { ...Object(example["spec"]), ...garden.spec },
  };
  const quiet = (): Promise<void> => eventually(async () => proxy.quietMs > 1500, 120_000);
  await admin.apply(product.resource, namespace, manifest, person);
  await quiet();
  // Every way in which something goes wrong has words of its own.
  for (const spec of garden.mistakes) {
    await admin.mergePatch(product.resource, namespace, "one", { spec }, person);
    await quiet();
    const cleared = Object.fromEntries(Object.keys(spec).map((member) => [member, null]));
    await admin.mergePatch(product.resource, namespace, "one", { spec: cleared }, person);
    await admin.apply(product.resource, namespace, manifest, person);
    await quiet();
  }
  const secret = [...new Set(proxy.seen.map(({ call }) => call.key))].find((key) =>
    key.startsWith("apply secrets"),
  );
  for (const fault of quoting) {
    const key =
      fault.name === "spoilt" ? `get secrets ${Object.keys(garden.secrets)[0] ?? ""}` : (secret ?? "");
    proxy.begin("one", { fault, key, ordinal: 1 });
    for (const [name, stringData] of Object.entries(garden.secrets).slice(0, 3))
      await admin.mergePatch(
        kinds.Secret,
        namespace,
        name,
        { metadata: { annotations: { moved: fault.name } }, stringData },
        person,
      );
    await room.kill();
    await room.leads();
    await quiet();
  }
  const values = await valuesOf(room);
  const find = (place: string, text: string): readonly string[] =>
    [...values]
      .filter(([value]) => text.includes(value))
      .map(([, name]) => `${place} has the value of ${name}`);
  const searched = (
    id: string,
    texts: () => Promise<readonly (readonly [string, string])[]>,
  ): Promise<void> =>
    check(report, `${operator}/${id}`, async () => {
      const found = await texts();
      const bytes = found.reduce((sum, [, text]) => sum + text.length, 0);
      const problems = [...new Set(found.flatMap(([place, text]) => find(place, text)))];
      if (bytes === 0) problems.push("there was nothing to search");
      return { problems, figure: `${values.size} values in ${Math.round(bytes / 1000)} kB` };
    });

  await searched("log", async () =>
    room.processes.map(
      ({ lines, stray }, index) => [`the log of process ${index}`, JSON.stringify(lines) + stray] as const,
    ),
  );
  await searched("command line and environment", async () => {
    const folder = `/proc/${room.operator.pid}`;
    return Promise.all(
      ["cmdline", "environ"].map(async (file) => [file, await readFile(join(folder, file), "utf8")] as const),
    );
  });
  await searched("metrics", async () => {
    const port = room.operator.lines
      .map((line) => field(line, "metricsPort"))
      .find((found) => found !== undefined);
    const answer = await fetch(`http://127.0.0.1:${Number(port)}/metrics`);
    return [["the metrics", await answer.text()]];
  });
  await searched("events", async () => [["an event", JSON.stringify(await listOf(room, kinds.Event))]]);
  await searched("objects that are no Secrets", async () => {
    const all = [
      ...product.operator.controllers.flatMap((one) => ownedKinds(one)),
      product.resource,
      kinds.Pod,
    ];
    const others = all.filter(({ kind }) => kind !== "Secret");
    return Promise.all(
      others.map(async (kind) => [kind.kind, JSON.stringify(await listOf(room, kind))] as const),
    );
  });
  await searched("metadata of Secrets", async () => {
    const metadata = (await listOf(room, kinds.Secret)).map((one) => field(one, "metadata"));
    return [["metadata of a Secret", JSON.stringify(metadata)]];
  });
  await searched("commands", () => commands(lab, room, manifest, garden));
  await room[Symbol.asyncDispose]();
}

async function listOf({ admin, namespace }: Room, kind: KindSpec): Promise<readonly unknown[]> {
  return (await admin.list(kind, namespace)).items;
}

/** Every value of every Secret that is long enough to be one, planted or generated, with where it is from. */
async function valuesOf(room: Room): Promise<ReadonlyMap<string, string>> {
  const { items } = await room.admin.list(kinds.Secret, room.namespace);
  const values = new Map<string, string>([
    [bird("quoted"), "a refused Secret"],
    [bird("spoilt"), "a spoilt answer"],
    [bird("plain-password"), "a password in the wrong place"],
  ]);
  for (const { metadata, data, type } of items.map((one) => ({
    metadata: one.metadata,
    data: one["data"],
    type: one["type"],
  })))
    for (const [key, encoded] of Object.entries(Object(data))) {
      const text = Buffer.from(String(encoded), "base64").toString("utf8");
      const planted = /Canary7\w+/.exec(text)?.[0];
      const isGenerated =
        /password|key|secret/i.test(`${metadata.name} ${key}`) &&
        !/public|\.crt$|files|config|settings/.test(`${metadata.name}/${key}`);
      if (planted !== undefined) values.set(planted, `${metadata.name}/${key}`);
      else if (type !== "kubernetes.io/service-account-token" && isGenerated && text.length >= 20)
        values.set(
          text
            .trim()
            .split("\n")
            .toSorted((a, b) => b.length - a.length)[0] ?? text,
          `${metadata.name}/${key}`,
        );
    }
  // A value that stands in the spec itself is the user's own word and is searched everywhere but there.
  return values;
}

/** What the command line prints, with the rights of an administrator who may read Secrets. */
async function commands(
  lab: Lab,
  { bundle, namespace, product }: Room,
  manifest: object,
  garden: Garden,
): Promise<readonly (readonly [string, string])[]> {
  const folder = await mkdtemp(join(tmpdir(), "zuul-pulp-canaries-"));
  try {
    const files = join(folder, "all.json");
    const secrets = Object.entries(garden.secrets).map(([name, stringData]) => ({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name, namespace },
      stringData,
    }));
    const references = product.references.map(([, one]) => ({
      ...one,
      metadata: { ...one.metadata, namespace },
    }));
    const items = [manifest, ...secrets, ...references];
    await writeFile(files, items.map((one) => JSON.stringify(one)).join("\n---\n"), { mode: 0o600 });
    const way = ["--kubeconfig", lab.kubeconfig, "-n", namespace];
    const zip = join(folder, "report.zip");
    const outputs: (readonly [string, string])[] = [];
    for (const args of [
      ["render", "-f", files, "-n", namespace],
      ["diff", "-f", files, ...way],
      ["status", "one", ...way],
      ["report", "one", "--file", zip, ...way],
    ])
      outputs.push([args[0] ?? "", await output(bundle.node, [bundle.main, ...args])]);
    const packed = unzipSync(new Uint8Array(await readFile(zip)));
    for (const [name, bytes] of Object.entries(packed))
      outputs.push([`report: ${name}`, Buffer.from(bytes).toString("utf8")]);
    return outputs;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Both streams, whatever the exit code. */
function output(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(program, args, { env: {}, maxBuffer: 64e6 }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
}
