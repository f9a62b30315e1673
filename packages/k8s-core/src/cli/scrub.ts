/** Takes secret values out of text that leaves the cluster. Pure. */
import { fields, list } from "../json.ts";
import type { LiveObject } from "../model/manifest.ts";

/** Shorter values would also erase words that are no secret. */
const leastLength = 6;

/** Every value of these Secrets, as text, encoded as in manifests, and line by line. */
export function secretValues(secrets: readonly LiveObject[]): readonly string[] {
  const values = secrets.flatMap((secret) =>
    Object.values(fields(secret["data"])).flatMap((encoded) => {
      if (typeof encoded !== "string") return [];
      const plain = Buffer.from(encoded, "base64").toString("utf8");
      return [encoded, plain, ...plain.split("\n").map((line) => line.trim())];
    }),
  );
  const known = values.filter((value) => value.length >= leastLength && !value.startsWith("-----"));
  return [...new Set(known)].toSorted((a, b) => b.length - a.length);
}

export function scrubbed(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, "***"), text);
}

/** An object without field ownership, and without what a Secret or an environment literal holds. */
export function shareable(live: LiveObject): object {
  const { managedFields: _, ...metadata } = live.metadata;
  const isSecret = live.kind === "Secret";
  const data = Object.fromEntries(Object.keys(fields(live["data"])).map((key) => [key, "***"]));
  const annotations = withoutLastApplied(metadata.annotations ?? {});
  return withoutLiterals({ ...live, metadata: { ...metadata, annotations }, ...(isSecret ? { data } : {}) });
}

/** kubectl's annotation repeats the whole object, data of Secrets included. */
function withoutLastApplied(annotations: Readonly<Record<string, string>>): object {
  return Object.fromEntries(
    Object.entries(annotations).filter(
      ([name]) => name !== "kubectl.kubernetes.io/last-applied-configuration",
    ),
  );
}

function withoutLiterals(value: object): object {
  const copy: unknown = JSON.parse(
    JSON.stringify(value, (name, member: unknown) =>
      name === "env"
        ? list(member).map((entry) => ("value" in fields(entry) ? { ...fields(entry), value: "***" } : entry))
        : member,
    ),
  );
  return fields(copy);
}
