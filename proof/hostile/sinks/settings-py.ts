/** settings.py, read by Dynaconf: values in a list, values from Secrets, keys of a mapping. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileOf, pulpOf } from "../products.ts";
import { type Given, judged, type Sink } from "../sink.ts";
import { bytesOf } from "../strings.ts";
import { anyOf, empty, isInstruction, noText, nul, withoutNewline } from "../unfit.ts";
import { dynaconf } from "./programs.ts";

const judge = `
import json, sys
from dynaconf import Dynaconf
path, how = json.load(sys.stdin)
settings = Dynaconf(settings_files=[path], core_loaders=["PY"], envvar_prefix="PULP", load_dotenv=False)
if how == "list":
    print(json.dumps(list(enumerate(settings.HOSTILE))))
else:
    print(json.dumps([(int(name[2:]), next(iter(settings[name]))) for name in dir(settings) if name.startswith("H_")]))
`;

async function readSettings(text: string, how: "list" | "keys"): Promise<ReadonlyMap<number, string>> {
  const folder = mkdtempSync(join(tmpdir(), "settings-"));
  try {
    const path = join(folder, "settings.py");
    writeFileSync(path, text);
    return judged(await dynaconf(), ["-c", judge], [path, how]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function throughList(given: readonly Given[], list: readonly unknown[], secrets = {}) {
  const manifests = await pulpOf({ settings: { HOSTILE: list } }, { secrets });
  const read = await readSettings(fileOf(manifests, "pulp-api-settings", "settings.py"), "list");
  return new Map(given.flatMap(({ id }, position) => [[id, read.get(position) ?? ""] as const]));
}

export const setting: Sink = {
  name: "settings.py: a value",
  isSecret: false,
  fieldOf: (_, position) => `spec.settings.HOSTILE[${position}]`,
  unfit: anyOf(noText, nul, isInstruction),
  read: (given) =>
    throughList(
      given,
      given.map(({ value }) => value),
    ),
};

export const secretSetting: Sink = {
  name: "settings.py: a value from a Secret",
  isSecret: true,
  fieldOf: (_, position) => `spec.settings.HOSTILE[${position}]`,
  unfit: anyOf(noText, nul, empty, (value) => isInstruction(withoutNewline(value))),
  expected: withoutNewline,
  read: (given) =>
    throughList(
      given,
      given.map(({ id }) => ({ secretName: "h", key: `k${id}` })),
      { h: Object.fromEntries(given.map(({ id, value }) => [`k${id}`, bytesOf(value)])) },
    ),
};

export const settingKey: Sink = {
  name: "settings.py: a key",
  isSecret: false,
  atOnce: 190,
  fieldOf: ({ id }) => `spec.settings.H_${id}`,
  // A key gets no mark that would keep the rest of it from being read as one.
  unfit: anyOf(noText, nul, (value) => isInstruction(value.replace(/^@str /, ""))),
  read: async (given) => {
    const settings = Object.fromEntries(given.map(({ id, value }) => [`H_${id}`, { [value]: 1 }]));
    const manifests = await pulpOf({ settings });
    return readSettings(fileOf(manifests, "pulp-api-settings", "settings.py"), "keys");
  },
};
