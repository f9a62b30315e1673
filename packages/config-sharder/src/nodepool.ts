/**
 * Nodepool: one shard per provider, which names at most one region, and one part for the builders. Pure.
 *
 * @see Nodepool 11 reference, "Configuration": keys `labels`, `diskimages`, `providers`, and the secure file
 */
import { Blocked, remembering } from "@zuul-pulp/k8s-core/model";
import {
  joinEntries,
  order,
  type Problem,
  type Shard,
  shard,
  tooLarge,
  defaultMaxShardBytes,
} from "./shard.ts";
import { withoutImages } from "./nodepool-draining.ts";
import { readYaml } from "./yaml-read.ts";
import { YamlMap, type YamlInput, type YamlValue, yamlOf } from "./yaml-value.ts";
import { writeYaml } from "./yaml-write.ts";

export interface NodepoolShard extends Shard<YamlMap> {
  /** Name of the provider; the same as `consumer`. */
  readonly provider: string;
  readonly driver: string;
  /** Names of the labels that its pools offer, sorted. */
  readonly labels: readonly string[];
  /** Names of the images that it needs, with all ancestors, sorted. */
  readonly diskimages: readonly string[];
}

export interface NodepoolPart {
  readonly content: YamlMap;
  readonly text: string;
  readonly diskimages: readonly string[];
}

export interface NodepoolParts {
  /** Ordered by id. */
  readonly shards: readonly NodepoolShard[];
  /**
   * For every builder: all images, and all providers that are valid. Absent when it is too large: see
   * `problems`.
   */
  readonly builder?: NodepoolPart;
  /**
   * Labels and images that no provider uses, and keys that only builders read: with the shards, the whole.
   */
  readonly unused: YamlMap;
  readonly problems: readonly Problem[];
}

export interface NodepoolOptions {
  /** Upper bound for each part, default 900 KiB. */
  readonly maxBytes?: number;
  /** Replaces `zookeeper-servers` and `zookeeper-tls` in every part; a `chroot` of the source is kept. */
  readonly zooKeeper?: {
    readonly servers: readonly { readonly host: string; readonly port: number }[];
    readonly tls: { readonly cert: string; readonly key: string; readonly ca: string };
  };
  /** Top-level keys to set in every part, and in the builders' part only. */
  readonly set?: Readonly<Record<string, YamlInput>>;
  readonly setBuilder?: Readonly<Record<string, YamlInput>>;
  /** Shards whose providers have left the file: builders still know them, and delete their images. */
  readonly leaving?: readonly string[];
}

/** Drivers of Nodepool 11; `openstack` is meant where none is named. */
export const nodepoolDrivers: readonly string[] = [
  "aws",
  "azure",
  "gce",
  "ibmvpc",
  "kubernetes",
  "metastatic",
  "openshift",
  "openshiftpods",
  "openstack",
  "static",
];

/** Drivers to whose clouds builders upload images. */
const imageDrivers: readonly string[] = ["aws", "azure", "ibmvpc", "openstack"];

const builderKeys: readonly string[] = ["build-log-dir", "build-log-retention", "elements-dir", "images-dir"];

/**
 * Cuts a nodepool.yaml. A provider that is wrong becomes a problem and leaves the shards of the others as
 * they are.
 *
 * @throws Blocked `InvalidConfig` when the file as a whole cannot be read
 */
export function shardNodepool(yamlText: string, options: NodepoolOptions = {}): NodepoolParts {
  return cutAgain(yamlText, options);
}

/** Reading a file costs milliseconds and happens in every pass over an unchanged resource. */
const cutAgain = remembering(cut);

function cut(yamlText: string, options: NodepoolOptions): NodepoolParts {
  const { maxBytes = defaultMaxShardBytes } = options;
  const source = withZooKeeper(readYaml(yamlText, "nodepool.yaml"), options.zooKeeper);
  const config = setAll(source, options.set);
  const labels = namedEntries(config, "labels");
  const images = namedEntries(config, "diskimages");
  const providers = listOf(config.get("providers"), "providers");

  const nameless: Problem[] = [];
  const named: Provider[] = [];
  for (const [index, entry] of providers.entries()) {
    const name = entry instanceof YamlMap ? entry.get("name") : undefined;
    if (entry instanceof YamlMap && typeof name === "string" && name !== "") named.push({ name, entry });
    else nameless.push({ reason: "InvalidConfig", message: `providers[${index}] has no name that is text` });
  }

  const cuts = new Map<string, Cut>();
  const { shards, problems } = shard<Provider, YamlMap>({
    consumers: named,
    nameOf: ({ name }) => name,
    partOf: (provider) => {
      const found = cutProvider(provider, labels, images);
      if ("problem" in found) return found;
      cuts.set(provider.name, found);
      const shared = builderKeys.reduce((map, key) => map.with(key, undefined), config);
      const content = shared
        .with("providers", [provider.entry])
        .with("labels", pick(labels, found.labels))
        .with("diskimages", pick(images, found.images));
      return { content };
    },
    render: writeYaml,
    maxBytes,
  });

  const valid = new Set(shards.map(({ consumer }) => consumer));
  const builderContent = setAll(config, options.setBuilder)
    .with("labels", pick(labels, [...labels.keys()]))
    .with("diskimages", pick(images, [...images.keys()]))
    .with(
      "providers",
      [
        ...named.filter(({ name }) => valid.has(name)),
        ...leavingProviders(options.leaving ?? []).filter(({ name }) => !valid.has(name)),
      ]
        .toSorted((a, b) => order(a.name, b.name))
        .map(({ entry }) => entry),
    );
  const builder = {
    content: builderContent,
    text: writeYaml(builderContent),
    diskimages: [...images.keys()].toSorted(),
  };
  const fits = builder.text.length <= maxBytes;
  const tooLargeForOne: Problem = {
    reason: "ShardTooLarge",
    message: tooLarge("the builders' part of nodepool.yaml", builder.text.length, maxBytes),
  };

  return {
    shards: shards.map((each) => {
      const { driver = "", labels: offered = [], images: needed = [] } = cuts.get(each.consumer) ?? {};
      return { ...each, provider: each.consumer, driver, labels: offered, diskimages: needed };
    }),
    ...(fits ? { builder } : {}),
    unused: unusedOf(config, labels, images, [...cuts.values()]),
    problems: [...nameless, ...problems, ...(fits ? [] : [tooLargeForOne])],
  };
}

/** The whole from its parts: lists ordered by name, everything else as it was. */
export function joinShards({ shards, unused }: Pick<NodepoolParts, "shards" | "unused">): YamlMap {
  const contents = [...shards.map(({ content }) => content), unused];
  const joined = (key: string): readonly YamlValue[] =>
    joinEntries(
      contents.map((content) => listOf(content.get(key), key)),
      (entry) => writeYaml(new YamlMap([["", entry]])),
    );
  const byName = (entries: readonly YamlValue[]): readonly YamlValue[] =>
    entries.toSorted((a, b) => order(nameOf(a) ?? "", nameOf(b) ?? ""));
  const whole = contents.reduce(
    (all, { entries }) =>
      new YamlMap([...all.entries.filter(([key]) => !entries.some(([name]) => name === key)), ...entries]),
    new YamlMap([]),
  );
  return ["labels", "diskimages", "providers"].reduce(
    (map, key) => map.with(key, byName(joined(key))),
    whole,
  );
}

interface Provider {
  readonly name: string;
  readonly entry: YamlMap;
}

interface Cut {
  readonly driver: string;
  readonly labels: readonly string[];
  readonly images: readonly string[];
}

/** Only those whose images a builder manages; for the others there is nothing to do. */
function leavingProviders(shardTexts: readonly string[]): readonly Provider[] {
  return shardTexts.flatMap(withoutImages).flatMap((entry) => {
    const name = nameOf(entry);
    const driver = entry.get("driver") ?? "openstack";
    return name === undefined || typeof driver !== "string" || !imageDrivers.includes(driver)
      ? []
      : [{ name, entry }];
  });
}

type Named = ReadonlyMap<string, readonly YamlMap[]>;

function cutProvider(
  { name, entry }: Provider,
  labels: Named,
  images: Named,
): Cut | { readonly problem: string } {
  const problem = (text: string): { readonly problem: string } => ({ problem: `Provider "${name}" ${text}` });
  if (name.startsWith("fake"))
    return problem(
      'must not begin with "fake": Nodepool would run its test driver instead of the one that is named',
    );
  const driver = entry.get("driver") ?? "openstack";
  if (typeof driver !== "string" || !nodepoolDrivers.includes(driver))
    return problem(`has an unknown driver; Nodepool 11 knows ${nodepoolDrivers.join(", ")}`);

  const pools = mapsIn(entry.get("pools"));
  const offers = pools.flatMap((pool) => mapsIn(pool.get("labels")));
  const staticLabels = pools.flatMap((pool) =>
    mapsIn(pool.get("nodes")).flatMap((node) => texts(node.get("labels"))),
  );
  const wantedLabels = distinct([...offers.flatMap((label) => texts(label.get("name"))), ...staticLabels]);
  const unknown = wantedLabels.filter((label) => !labels.has(label));
  if (unknown.length > 0)
    return problem(`offers ${quotedList(unknown)}, which the top-level list "labels" does not have`);

  const direct = distinct([
    ...mapsIn(entry.get("diskimages")).flatMap((image) => texts(image.get("name"))),
    ...offers.flatMap((label) => texts(label.get("diskimage"))),
  ]);
  const all = withAncestors(direct, images);
  if ("cycle" in all) return problem(`uses the image "${all.cycle}", which is its own ancestor`);
  const missing = all.names.filter((image) => !images.has(image));
  if (missing.length > 0)
    return problem(`needs ${quotedList(missing)}, which the top-level list "diskimages" does not have`);
  return { driver, labels: wantedLabels, images: all.names };
}

/** Images with everything that they inherit from, abstract ones included. */
function withAncestors(
  names: readonly string[],
  images: Named,
): { readonly names: readonly string[] } | { readonly cycle: string } {
  const all = new Set<string>();
  for (const name of names) {
    const line = new Set<string>();
    for (let next: string | undefined = name; next !== undefined; ) {
      if (line.has(next)) return { cycle: next };
      line.add(next);
      all.add(next);
      const parent: YamlValue | undefined = images.get(next)?.at(-1)?.get("parent");
      next = typeof parent === "string" ? parent : undefined;
    }
  }
  return { names: [...all].toSorted() };
}

function unusedOf(config: YamlMap, labels: Named, images: Named, cuts: readonly Cut[]): YamlMap {
  const usedLabels = new Set(cuts.flatMap((cut) => cut.labels));
  const usedImages = new Set(cuts.flatMap((cut) => cut.images));
  return config
    .with("providers", undefined)
    .with(
      "labels",
      pick(
        labels,
        [...labels.keys()].filter((name) => !usedLabels.has(name)),
      ),
    )
    .with(
      "diskimages",
      pick(
        images,
        [...images.keys()].filter((name) => !usedImages.has(name)),
      ),
    );
}

/**
 * Where the file names a chroot, all that Nodepool keeps lies below it: losing it would strand every node.
 */
function withZooKeeper(config: YamlMap, zooKeeper: NodepoolOptions["zooKeeper"]): YamlMap {
  if (zooKeeper === undefined) return config;
  const chroot = mapsIn(config.get("zookeeper-servers"))
    .map((server) => server.get("chroot"))
    .find((path) => typeof path === "string");
  const servers = zooKeeper.servers.map(({ host, port }) => ({
    host,
    port,
    ...(typeof chroot === "string" ? { chroot } : {}),
  }));
  return config.with("zookeeper-servers", yamlOf(servers)).with("zookeeper-tls", yamlOf(zooKeeper.tls));
}

function setAll(config: YamlMap, values: Readonly<Record<string, YamlInput>> = {}): YamlMap {
  return Object.entries(values).reduce((map, [key, value]) => map.with(key, yamlOf(value)), config);
}

function namedEntries(config: YamlMap, key: string): Named {
  const entries = listOf(config.get(key), key).map((entry, index) => {
    const name = nameOf(entry);
    if (entry instanceof YamlMap && name !== undefined) return { name, entry };
    throw new Blocked(
      "InvalidConfig",
      `Cannot read nodepool.yaml: ${key}[${index}] has no name that is text`,
    );
  });
  const named = Map.groupBy(entries, ({ name }) => name);
  for (const [name, twins] of named)
    if (twins.length > 1)
      throw new Blocked(
        "InvalidConfig",
        `Cannot read nodepool.yaml: "${name}" is in the list "${key}" ${twins.length} times`,
      );
  return new Map([...named].map(([name, found]) => [name, found.map(({ entry }) => entry)]));
}

function listOf(value: YamlValue | undefined, key: string): readonly YamlValue[] {
  if (value === undefined || value === null) return [];
  if (isList(value)) return value;
  throw new Blocked("InvalidConfig", `Cannot read nodepool.yaml: "${key}" is not a list`);
}

function nameOf(entry: YamlValue): string | undefined {
  const name = entry instanceof YamlMap ? entry.get("name") : undefined;
  return typeof name === "string" && name !== "" ? name : undefined;
}

/** Entries of these names, ordered by name, so that the order of the source decides nothing. */
function pick(named: Named, names: readonly string[]): readonly YamlMap[] {
  return names.toSorted().flatMap((name) => named.get(name) ?? []);
}

const mapsIn = (value: YamlValue | undefined): readonly YamlMap[] =>
  value !== undefined && isList(value) ? value.filter((entry) => entry instanceof YamlMap) : [];

/** A text, or the texts of a list: Nodepool takes either where it takes names. */
const texts = (value: YamlValue | undefined): readonly string[] =>
  (value !== undefined && isList(value) ? value : [value]).filter((entry) => typeof entry === "string");

const distinct = (names: readonly string[]): readonly string[] => [...new Set(names)].toSorted();

const quotedList = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(", ");

const isList = (value: YamlValue): value is readonly YamlValue[] => Array.isArray(value);
