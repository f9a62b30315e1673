/** A provider that has left the file, as its launcher and the builders need it until nothing of it is left. Pure. */
import { readYaml } from "./yaml-read.ts";
import { YamlMap, type YamlValue, yamlOf } from "./yaml-value.ts";
import { writeYaml } from "./yaml-write.ts";

/**
 * The shard of one provider, changed so that Nodepool takes no request for it and deletes what is idle. Doing it again
 * changes nothing.
 *
 * Nodepool declines for a pool of no servers, deletes ready nodes that are older than a label allows, and lets go of
 * static nodes that the file no longer names. Nodes in use are deleted after their job, held ones when they are let go.
 * @throws Blocked `InvalidConfig` when the text cannot be read
 * @see nodepool/driver/__init__.py (`max_servers`), launcher.py (`_cleanupMaxReadyAge`), driver/static of Nodepool 11
 */
export function drainingShard(shardText: string): string {
  const config = readYaml(shardText, "nodepool.yaml");
  const labels = mapsIn(config.get("labels")).map((label) =>
    label.with("min-ready", yamlOf(0)).with("max-ready-age", yamlOf(1)),
  );
  const providers = mapsIn(config.get("providers")).map((provider) =>
    provider.with("pools", mapsIn(provider.get("pools")).map(emptyPool)),
  );
  return writeYaml(config.with("labels", labels).with("providers", providers));
}

/** Builders delete the images of a provider that they know and that wants none. */
export function withoutImages(shardText: string): readonly YamlMap[] {
  return mapsIn(readYaml(shardText, "nodepool.yaml").get("providers")).map((provider) =>
    provider.with("diskimages", []).with("pools", []),
  );
}

function emptyPool(pool: YamlMap): YamlMap {
  const none = pool.with("max-servers", yamlOf(0));
  return pool.get("nodes") === undefined ? none : none.with("nodes", []);
}

const mapsIn = (value: YamlValue | undefined): readonly YamlMap[] =>
  Array.isArray(value) ? value.filter((entry) => entry instanceof YamlMap) : [];
