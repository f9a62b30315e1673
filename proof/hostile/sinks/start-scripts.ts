/**
 * Start scripts of the backing services: a password travels through the shell into SQL and option files, which the
 * programs themselves read. The shell is the real one; only the programs that it would start are stand-ins.
 */
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Manifest } from "@zuul-pulp/k8s-core/model";
import { resolveAll } from "@zuul-pulp/secret-ref";
import { memoryReader } from "@zuul-pulp/secret-ref/memory";
import { type Beside, type Entries, fileOf, pulpOf, zuulOf } from "../products.ts";
import { judged, type Single } from "../sink.ts";
import { bytesOf } from "../strings.ts";
import { anyOf, empty, noText, nul, severalLines, windows, withoutNewline } from "../unfit.ts";

type Rendered = readonly (readonly [id: number, rendered: unknown])[];

interface Service {
  readonly name: string;
  readonly secretName: string;
  /** Real programs that read what the script wrote. */
  readonly judges: readonly string[];
  /** The whole product with the password in that Secret. */
  readonly manifests: (beside: Beside) => Promise<readonly Manifest[]>;
  /** ConfigMap of the start script. */
  readonly files: string;
  /** Folders of the pod, each of which becomes the folder of one run. */
  readonly folders: readonly string[];
  /** Files that must be there before. */
  readonly before?: Readonly<Record<string, string>>;
  /** Stand-ins for what the script would start. */
  readonly programs: Readonly<Record<string, string>>;
  /** What the real program makes of the files of each run. */
  readonly read: (runs: ReadonlyMap<number, string>, root: string) => Promise<ReadonlyMap<number, string>>;
}

function sinkOf(service: Service): Single {
  const { name, secretName, manifests, judges } = service;
  return {
    name: `start script of ${name}`,
    isSecret: true,
    programs: judges,
    fieldOf: () => `Secret "${secretName}"`,
    unfit: anyOf(noText, nul, empty, windows, (value) => severalLines(withoutNewline(value))),
    expected: withoutNewline,
    render: async (value) => {
      const secrets = { [secretName]: { password: bytesOf(value) } };
      // The rest of the product looks at lines only.
      await (value.includes("\n") ? manifests({ secrets }) : resolved(secretName, secrets));
      return value;
    },
    judge: (rendered) => inFolders(service, rendered),
  };
}

async function resolved(secretName: string, secrets: Entries): Promise<void> {
  const make = { kind: "password", key: "password" } as const;
  const generated = [{ id: "password", secretName, labels: {}, retain: true, make }];
  await resolveAll({ references: [], generated }, memoryReader({ secrets }));
}

async function inFolders(service: Service, rendered: Rendered): Promise<ReadonlyMap<number, string>> {
  const root = mkdtempSync(join(tmpdir(), "start-"));
  try {
    const programs = join(root, "programs");
    mkdirSync(programs);
    for (const [name, text] of Object.entries(service.programs)) {
      writeFileSync(join(programs, name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(programs, name), 0o755);
    }
    writeFileSync(
      join(root, "start.sh"),
      moved(fileOf(await service.manifests({}), service.files, "start.sh"), service.folders),
    );
    const runs = new Map(
      rendered.map(([id, value]) => [id, prepared(service, root, id, bytesOf(String(value)))]),
    );
    const loop =
      'for run in "$0"/run-*; do cd "$run" && PATH="$0/programs:$PATH" sh "$0/start.sh" > said 2>&1; done';
    const { error } = spawnSync("sh", ["-c", loop, root], {
      env: { ...process.env, DATABASE: "d", DATABASE_USER: "u", LC_ALL: "C" },
    });
    if (error !== undefined) throw error;
    return await service.read(runs, root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

const moved = (script: string, folders: readonly string[]): string =>
  // The cache's script keeps a copy of the password under the name that the mounted one has in its own folder.
  folders.reduce(
    (text, folder) => text.replaceAll(`${folder}/password`, "./probe-password").replaceAll(folder, "."),
    script.replaceAll("/var/run/password/password", "./mounted"),
  );

function prepared({ before = {} }: Service, root: string, id: number, password: Uint8Array): string {
  const folder = join(root, `run-${id}`);
  mkdirSync(folder);
  writeFileSync(join(folder, "mounted"), password);
  for (const [name, text] of Object.entries(before)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** The text between two others in the one line that begins so. */
function between(text: string, before: string, after: string): string {
  const lines = text.split("\n").filter((line) => line.startsWith(before));
  const [line = "", ...more] = lines;
  if (more.length > 0 || !line.endsWith(after)) return `no single line ${before}…${after}`;
  return line.slice(before.length, line.length - after.length);
}

const said = (folder: string): string =>
  existsSync(join(folder, "said")) ? readFileSync(join(folder, "said"), "utf8") : "";
const fileIn = (folder: string, name: string): string =>
  existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : `nothing, but: ${said(folder)}`;

/** MariaDB's own lexer reads the statement, and its own reader of option files the other file. */
export const mariaDb = sinkOf({
  name: "MariaDB",
  judges: ["mariadbd", "my_print_defaults"],
  secretName: "zuul-database-password",
  manifests: (beside) => zuulOf({}, beside),
  files: "zuul-database-files",
  folders: ["/run/mysqld", "/var/lib/mysql"],
  before: { "data/there": "" },
  programs: { mariadbd: "exit 0" },
  read: async (runs, root) => {
    const inSql = mariaDbReads(root, runs);
    const inOptions = optionsRead(root, runs);
    return new Map(
      [...runs.keys()].map((id) => {
        const [sql, option] = [inSql.get(id), inOptions.get(id)];
        return [id, sql === option ? (sql ?? "nothing") : `SQL ${sql}, option file ${option}`];
      }),
    );
  },
});

function mariaDbReads(root: string, runs: ReadonlyMap<number, string>): ReadonlyMap<number, string> {
  const data = join(root, "mariadb");
  mkdirSync(join(data, "mysql"), { recursive: true });
  const statements = [...runs].map(([id, folder]) => {
    const literal = between(fileIn(folder, "init.sql"), "ALTER USER 'u'@'%' IDENTIFIED BY '", "';");
    return `INSERT INTO h.t VALUES (${id}, '${literal}');`;
  });
  const out = join(root, "out.txt");
  const sql = [
    ...[
      "CREATE DATABASE h;",
      "CREATE TABLE h.t (id INT, v TEXT) ENGINE=MyISAM CHARACTER SET utf8mb4;",
      ...statements,
    ],
    `SELECT id, HEX(v) INTO OUTFILE '${out}' FROM h.t;`,
  ];
  const user = process.getuid?.() === 0 ? ["--user=root"] : [];
  const options = [
    "--no-defaults",
    "--bootstrap",
    `--datadir=${data}`,
    "--innodb=OFF",
    "--default-storage-engine=MyISAM",
  ];
  const charset = [
    "--character-set-server=utf8mb4",
    "--log-warnings=0",
    "--skip-log-bin",
    "--secure-file-priv=",
  ];
  const { stderr } = spawnSync("mariadbd", [...options, ...charset, ...user], {
    input: `${sql.join("\n")}\n`,
    encoding: "utf8",
  });
  if (!existsSync(out)) throw new Error(`mariadbd --bootstrap wrote nothing: ${stderr.slice(-1500)}`);
  const rows = readFileSync(out, "utf8").trimEnd().split("\n");
  return new Map(
    rows.map((row) => {
      const [id = "", hex = ""] = row.split("\t");
      return [Number(id), Buffer.from(hex, "hex").toString("utf8")];
    }),
  );
}

function optionsRead(root: string, runs: ReadonlyMap<number, string>): ReadonlyMap<number, string> {
  const file = join(root, "all.cnf");
  const parts = [...runs].map(([id, folder]) => fileIn(folder, "client.cnf").replace("[client]", `[c${id}]`));
  writeFileSync(file, parts.join("\n"));
  const groups = [...runs.keys()].map((id) => `c${id}`);
  const { stdout } = spawnSync("my_print_defaults", [`--defaults-file=${file}`, ...groups], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  const passwords = stdout
    .split("\n")
    .flatMap((line) => (line.startsWith("--password=") ? [line.slice(11)] : []));
  if (passwords.length !== runs.size)
    throw new Error(`${passwords.length} passwords of ${runs.size} were read`);
  return new Map([...runs.keys()].map((id, index) => [id, passwords[index] ?? ""]));
}

/** With `standard_conforming_strings` a literal of PostgreSQL is that of the SQL standard, which SQLite reads as well. */
const literals = `
import json, sqlite3, sys
db = sqlite3.connect(":memory:")
print(json.dumps([(number, db.execute("select '" + text + "'").fetchone()[0]) for number, text in json.load(sys.stdin)]))
`;

export const postgres = sinkOf({
  name: "PostgreSQL",
  judges: ["python3"],
  secretName: "pulp-database-password",
  manifests: (beside) => pulpOf({}, beside),
  files: "pulp-database-files",
  folders: ["/run/postgresql", "/var/lib/postgresql/data"],
  before: { "pgdata/PG_VERSION": "16\n" },
  programs: { postgres: '[ "$1" != --single ] || cat > kept.sql' },
  read: async (runs) => {
    const found = [...runs].map(
      ([id, folder]) =>
        [id, between(fileIn(folder, "kept.sql"), 'ALTER ROLE "u" PASSWORD \'', "';")] as const,
    );
    return judged("python3", ["-c", literals], found);
  },
});

/** Redis reads a quoted word the same way everywhere, so each run's becomes the password of a user of one server. */
export const cache = sinkOf({
  name: "Redis",
  judges: ["redis-server"],
  secretName: "pulp-cache-password",
  manifests: (beside) => pulpOf({}, beside),
  files: "pulp-cache-files",
  folders: ["/run/cache"],
  programs: { "valkey-server": "exit 0" },
  read: async (runs, root) => {
    const users = [...runs].map(
      ([id, folder]) => `user u${id} on ">${between(fileIn(folder, "cache.conf"), 'requirepass "', '"')}"`,
    );
    const socket = join(root, "s");
    const conf = join(root, "redis.conf");
    writeFileSync(
      conf,
      [...users, "port 0", `unixsocket ${socket}`, `dir ${root}`, 'save ""', ""].join("\n"),
    );
    const server = spawn("redis-server", [conf], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      for await (const chunk of server.stdout) if (String(chunk).includes("eady to accept")) break;
      return await loggedIn(socket, runs);
    } finally {
      server.kill("SIGKILL");
    }
  },
});

/** Who gets in with the password that the probe uses, which stands in a file of its own. */
async function loggedIn(
  socket: string,
  runs: ReadonlyMap<number, string>,
): Promise<ReadonlyMap<number, string>> {
  const client = connect(socket);
  const part = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
  const passwords = new Map([...runs].map(([id, folder]) => [id, fileIn(folder, "probe-password")]));
  for (const [id, password] of passwords)
    client.write(`*3\r\n${part("AUTH")}${part(`u${id}`)}${part(password)}`);
  let answers = "";
  for await (const chunk of client) {
    answers += String(chunk);
    if (answers.split("\r\n").length > runs.size) break;
  }
  client.destroy();
  const lines = answers.split("\r\n");
  return new Map(
    [...passwords].map(([id, password], index) => [
      id,
      lines[index] === "+OK" ? password : `refused: ${lines[index]}`,
    ]),
  );
}
