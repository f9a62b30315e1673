/** Names and labels that never change once an object exists (design section 4). Pure. */
import { createHash } from "node:crypto";

export interface Membership {
  /** The application: zuul, nodepool, pulp, zookeeper, … */
  readonly name: string;
  /** The resource's name. */
  readonly instance: string;
  /** scheduler, executor, api, content, … */
  readonly component: string;
  /** Identity of one shard, when a component has several. */
  readonly shard?: string;
}

const shardLabel = "operators.zuul-pulp.io/shard";

/** Labels of a selector: `name`, `instance`, `component` (and shard), never `version`. */
export function selectorLabels(member: Membership): Record<string, string> {
  return {
    "app.kubernetes.io/name": member.name,
    "app.kubernetes.io/instance": labelValue(member.instance),
    "app.kubernetes.io/component": member.component,
    ...(member.shard === undefined ? {} : { [shardLabel]: labelValue(member.shard) }),
  };
}

export function memberLabels(
  member: Membership & { version?: string; partOf: string; managedBy: string },
): Record<string, string> {
  return {
    ...selectorLabels(member),
    "app.kubernetes.io/part-of": member.partOf,
    "app.kubernetes.io/managed-by": member.managedBy,
    ...(member.version === undefined ? {} : { "app.kubernetes.io/version": labelValue(member.version) }),
  };
}

/** Identity of the shard that an object belongs to. */
export const shardOf = (labels: Readonly<Record<string, string>>): string | undefined => labels[shardLabel];

/**
 * `<resource>-<component>[-<shard>]`, at most `max` characters. Longer names, and shards that are no DNS label, are
 * cut and end with the first 8 hex digits of the SHA-256 of the whole, so that two names never meet.
 */
export function childName(parts: readonly string[], max = 52): string {
  const whole = parts.join("-");
  const slug = whole
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .replace(/-+/g, "-")
    .replace(/^-|-$/g, "");
  if (slug === whole && slug.length <= max) return slug;
  return `${slug.slice(0, max - 9).replace(/-$/, "")}-${shortHash(whole)}`;
}

/** First 8 hex digits of the SHA-256 of the text. */
export function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

/** The text when it may be the value of a label, else cut and ended with a hash of the whole. */
export function labelValue(text: string): string {
  return text.length <= 63 && /^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/.test(text)
    ? text
    : childName([text], 63);
}
