/**
 * One configuration in, the smallest valid part per consumer out. Knows neither Nodepool nor Kubernetes.
 * Pure.
 *
 * A shard's identity comes from its consumer's name and its bytes from what that consumer needs, so an edit
 * of one part leaves the bytes of the others alone.
 */
import { shortHash } from "@zuul-pulp/k8s-core/model";

/** Names a shard in objects and labels: a DNS label of at most 39 characters. */
export type ShardId = string & { readonly __brand: "ShardId" };

export interface Shard<Content> {
  readonly id: ShardId;
  /** The consumer's own name. */
  readonly consumer: string;
  readonly content: Content;
  readonly text: string;
  readonly sizeBytes: number;
  /** First 8 hex digits of the SHA-256 of the text. */
  readonly hash: string;
}

/** Why one consumer gets no shard; the others are not touched by it. */
export interface Problem {
  /** Absent when the problem belongs to no single consumer. */
  readonly consumer?: string;
  readonly reason: "InvalidConfig" | "ShardTooLarge";
  /** One sentence with the place in the source, never a value. */
  readonly message: string;
}

export interface ShardProps<Consumer, Content> {
  readonly consumers: readonly Consumer[];
  /** Unique; two consumers of one name are both refused, since position must not decide. */
  readonly nameOf: (consumer: Consumer) => string;
  /** Everything this consumer needs and nothing else; or the sentence that says why it cannot be cut. */
  readonly partOf: (consumer: Consumer) => { readonly content: Content } | { readonly problem: string };
  /** Must be ASCII (its length is its size) and the same for equal contents. */
  readonly render: (content: Content) => string;
  /** A Secret holds 1 MiB together with its names; default 900 KiB. */
  readonly maxBytes?: number;
}

export const defaultMaxShardBytes = 900 * 1024;

export interface Sharded<Content> {
  /** Ordered by id. */
  readonly shards: readonly Shard<Content>[];
  readonly problems: readonly Problem[];
}

export function shard<Consumer, Content>(props: ShardProps<Consumer, Content>): Sharded<Content> {
  const { consumers, nameOf, partOf, render, maxBytes = defaultMaxShardBytes } = props;
  const named = Map.groupBy(consumers, nameOf);
  const shards: Shard<Content>[] = [];
  const problems: Problem[] = [];
  for (const [name, [consumer, ...twins]] of named) {
    if (consumer === undefined) continue;
    if (twins.length > 0) {
      problems.push(invalid(name, `"${name}" is there ${twins.length + 1} times: names must be unique`));
      continue;
    }
    const part = partOf(consumer);
    if ("problem" in part) {
      problems.push(invalid(name, part.problem));
      continue;
    }
    const text = render(part.content);
    if (text.length > maxBytes) {
      problems.push({
        consumer: name,
        reason: "ShardTooLarge",
        message: tooLarge(`shard "${name}"`, text.length, maxBytes),
      });
      continue;
    }
    shards.push({
      id: shardId(name),
      consumer: name,
      content: part.content,
      text,
      sizeBytes: text.length,
      hash: shortHash(text),
    });
  }
  return {
    shards: shards.toSorted((a, b) => order(a.id, b.id)),
    problems: problems.toSorted((a, b) => order(a.consumer ?? "", b.consumer ?? "")),
  };
}

/**
 * A readable beginning and 8 hex digits of the SHA-256 of the name. The digits are always there: a name that
 * needs them could otherwise meet one that looks like the result.
 */
export function shardId(name: string): ShardId {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 30)
    .replace(/^-|-$/g, "");
  return `${slug === "" ? "shard" : slug}-${shortHash(name)}` as ShardId;
}

/** Puts parts together again: of entries that several shards hold, one is kept. Ordered by key. */
export function joinEntries<Entry>(
  lists: Iterable<readonly Entry[]>,
  keyOf: (entry: Entry) => string,
): readonly Entry[] {
  const entries = new Map<string, Entry>();
  for (const list of lists) for (const entry of list) entries.set(keyOf(entry), entry);
  return [...entries].toSorted(([a], [b]) => order(a, b)).map(([, entry]) => entry);
}

export function tooLarge(what: string, sizeBytes: number, maxBytes: number): string {
  return `Cannot store ${what}: it has ${sizeBytes} bytes, at most ${maxBytes} fit`;
}

/** By code unit: the same on every machine, unlike `localeCompare`. */
export function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const invalid = (consumer: string, message: string): Problem => ({
  consumer,
  reason: "InvalidConfig",
  message,
});
