/** Nodepool's two files, read by Nodepool's own loader: variables of image builds, secret and plain. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileOf, zuulOf } from "../products.ts";
import { type Given, judged, type Sink } from "../sink.ts";
import { bytesOf } from "../strings.ts";
import { anyOf, empty, noText, nul, withoutNewline } from "../unfit.ts";
import { nodepool } from "./programs.ts";

const judge = `
import json, sys
from nodepool import config
plain, secure = json.load(sys.stdin)
found = config.loadConfig(plain)
if secure:
    config.loadSecureConfig(found, secure)
print(json.dumps([(int(n[1:]), v) for image in found.diskimages.values() for n, v in image.env_vars.items()]))
`;

async function readNodepool(files: Readonly<Record<string, string>>): Promise<ReadonlyMap<number, string>> {
  const folder = mkdtempSync(join(tmpdir(), "nodepool-"));
  try {
    const paths = Object.entries(files).map(([name, text]) => {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    });
    return judged(await nodepool(), ["-c", judge], [paths[0], paths[1] ?? ""]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Most variables that an image may have. */
const perImage = 50;
const imageOf = ({ id }: Given): string => `i${Math.floor(id / perImage)}`;
const imagesOf = (given: readonly Given[]): readonly string[] => [...new Set(given.map(imageOf))];
const variables = <T>(given: readonly Given[], image: string, value: (one: Given) => T) =>
  Object.fromEntries(given.filter((one) => imageOf(one) === image).map((one) => [`V${one.id}`, value(one)]));

export const secureVariable: Sink = {
  name: "secure.conf: a variable",
  isSecret: true,
  fieldOf: (one) => `spec.builder.secureEnv.${imageOf(one)}.V${one.id}`,
  unfit: anyOf(noText, nul, empty),
  expected: withoutNewline,
  read: async (given) => {
    const images = imagesOf(given);
    const pools = JSON.stringify({
      diskimages: images.map((name) => ({ name, elements: ["vm"] })),
      providers: [],
    });
    const secureEnv = Object.fromEntries(
      images.map((image) => [
        image,
        variables(given, image, ({ id }) => ({ secretName: "h", key: `k${id}` })),
      ]),
    );
    const manifests = await zuulOf(
      { builder: { config: "pools", secureEnv } },
      {
        secrets: { h: Object.fromEntries(given.map(({ id, value }) => [`k${id}`, bytesOf(value)])) },
        configMaps: { pools: { "nodepool.yaml": pools } },
      },
    );
    const file = (name: string): string => fileOf(manifests, "zuul-nodepool-builder-config", name);
    return readNodepool({ "nodepool.yaml": file("nodepool.yaml"), "secure.conf": file("secure.conf") });
  },
};

/** What the user wrote is YAML with escapes, which hold every character; it is parsed, cut and written anew. */
export const yamlValue: Sink = {
  name: "nodepool.yaml: a value",
  isSecret: false,
  fieldOf: ({ id }, position) =>
    `(spec.builder.config): Cannot read nodepool.yaml: line ${lineOf(id, position)}`,
  unfit: noText,
  read: async (given) => {
    const lines = imagesOf(given).flatMap((image) => [
      ...[`- name: ${image}`, "  elements: [vm]", "  env-vars:"],
      ...Object.entries(variables(given, image, ({ value }) => value)).map(
        ([name, value]) => `    ${name}: ${escaped(JSON.stringify(value))}`,
      ),
    ]);
    const pools = ["diskimages:", ...lines, "providers: []", ""].join("\n");
    const manifests = await zuulOf(
      { builder: { config: "pools" } },
      { configMaps: { pools: { "nodepool.yaml": pools } } },
    );
    return readNodepool({
      "nodepool.yaml": fileOf(manifests, "zuul-nodepool-builder-config", "nodepool.yaml"),
    });
  },
};

/** Each value stands on a line of its own, below three lines of its image. */
const lineOf = (id: number, position: number): number => 2 + 3 * (Math.floor(id / perImage) + 1) + position;

/** ASCII, with the long form for what needs a pair of surrogates in JSON, which YAML would take for two characters. */
function escaped(json: string): string {
  return Array.from(json, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x7f) return character;
    return code > 0xffff
      ? `\\U${code.toString(16).padStart(8, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`;
  }).join("");
}
