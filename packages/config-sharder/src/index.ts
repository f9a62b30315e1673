/** The public names of the package. */
export {
  joinShards,
  type NodepoolOptions,
  type NodepoolPart,
  type NodepoolParts,
  type NodepoolShard,
  nodepoolDrivers,
  shardNodepool,
} from "./nodepool.ts";
export { drainingShard } from "./nodepool-draining.ts";
export { renderSecureFile, unknownImages } from "./secure-file.ts";
export {
  joinEntries,
  type Problem,
  type Shard,
  type Sharded,
  type ShardId,
  type ShardProps,
  shard,
  shardId,
} from "./shard.ts";
export { readYaml } from "./yaml-read.ts";
export {
  PlainScalar,
  type YamlInput,
  YamlMap,
  type YamlScalar,
  type YamlValue,
  yamlOf,
} from "./yaml-value.ts";
export { writeYaml } from "./yaml-write.ts";
