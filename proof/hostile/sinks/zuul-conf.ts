/** zuul.conf, read by Python's configparser as Zuul does: plain options, options from Secrets, and names of sections. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileOf, zuulOf } from "../products.ts";
import { type Given, judged, type Sink } from "../sink.ts";
import { bytesOf } from "../strings.ts";
import { anyOf, empty, noText, oneLine, withoutNewline } from "../unfit.ts";

/** All options called opt_… of one section, by number. */
const judge = `
import configparser, json, sys
path, section = json.load(sys.stdin)
conf = configparser.ConfigParser()
conf.read(path)
print(json.dumps([(int(n[4:]), v) for n, v in conf.items(section) if n.startswith("opt_")]))
`;

function readConf(text: string, section: string): ReadonlyMap<number, string> {
  const folder = mkdtempSync(join(tmpdir(), "zuul-conf-"));
  try {
    const path = join(folder, "zuul.conf");
    writeFileSync(path, text);
    return judged("python3", ["-c", judge], [path, section]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const fieldOf = ({ id }: Given): string => `spec.connections.c.opt_${id}`;

async function throughConnection(options: Readonly<Record<string, unknown>>, secrets = {}) {
  const connections = { c: { driver: "git", baseurl: "https://git.example.org", ...options } };
  const manifests = await zuulOf({ connections }, { secrets });
  return readConf(fileOf(manifests, "zuul-scheduler-config", "zuul.conf"), "connection c");
}

export const plainOption: Sink = {
  name: "zuul.conf: an option",
  isSecret: false,
  fieldOf,
  unfit: anyOf(noText, oneLine),
  read: (given) => throughConnection(Object.fromEntries(given.map(({ id, value }) => [`opt_${id}`, value]))),
};

export const secretOption: Sink = {
  name: "zuul.conf: an option from a Secret",
  isSecret: true,
  fieldOf,
  unfit: anyOf(noText, empty, (value) => oneLine(withoutNewline(value))),
  expected: withoutNewline,
  read: (given) =>
    throughConnection(
      Object.fromEntries(given.map(({ id }) => [`opt_${id}`, { secretName: "h", key: `k${id}` }])),
      { h: Object.fromEntries(given.map(({ id, value }) => [`k${id}`, bytesOf(value)])) },
    ),
};
