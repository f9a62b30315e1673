/**
 * Secrets that are made once. What exists is read and never overwritten; only certificates are ever renewed.
 *
 * I/O: only through the reader. Randomness lies in the generators, loaded when something must be made.
 */
import { Blocked, type KeyValues, type NewSecret, retainAnnotation } from "@zuul-pulp/k8s-core/model";
import type { ResolveReader } from "./reader.ts";
import type { Found } from "./resolved.ts";
import {
  type CertificateGenerator,
  type GeneratedSecret,
  type Generator,
  generatorsOf,
  keysOf,
} from "./references.ts";
import { openBytes, Sealed } from "./sealed.ts";
import { readText } from "./text.ts";
import { together } from "./together.ts";

type Entries = ReadonlyMap<string, Uint8Array>;

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Adds every generated Secret to `found`. CAs come first, because certificates are signed by them. */
export async function ensureGenerated(
  secrets: readonly GeneratedSecret[],
  found: Map<string, Found>,
  reader: ResolveReader,
): Promise<void> {
  const ensure = async (secret: GeneratedSecret): Promise<void> => {
    const { entries, renewAtMs } = await ensureOne(secret, found, reader);
    if (renewAtMs !== undefined) reader.wakeAt?.(renewAtMs);
    const keys = wantedKeys(secret);
    found.set(secret.id, {
      objectName: secret.secretName,
      fromConfigMap: false,
      values: new Map(keys.map((key) => [key, valueOf(secret, key, entries.get(key))])),
      keys: new Map(keys.map((key) => [key, key])),
    });
  };
  await together(secrets.filter((secret) => certificateOf(secret) === undefined).map(ensure));
  await together(secrets.filter((secret) => certificateOf(secret) !== undefined).map(ensure));
}

async function ensureOne(
  secret: GeneratedSecret,
  found: ReadonlyMap<string, Found>,
  reader: ResolveReader,
): Promise<{ readonly entries: Entries; readonly renewAtMs?: number | undefined }> {
  const existing = await reader.readSecret(secret.secretName);
  const { standIn } = reader;
  if (standIn !== undefined)
    return {
      entries: existing?.entries ?? (await create(secret, standIns(secret, standIn), reader)).entries,
    };

  const signed = generatorsOf(secret).find(
    (generator) => generator.kind === "ca" || generator.kind === "certificate",
  );
  if (signed === undefined) {
    const { entries } = existing ?? (await create(secret, await make(secret), reader));
    return { entries: complete(secret, entries) };
  }

  const certificates = await import("./certificates.ts");
  const authority = signed.kind === "certificate" ? entriesOf(found, signed.ca) : undefined;
  const now = reader.now();
  if (existing !== undefined) {
    // A lost CA key is the user's to restore; a lost part of a leaf is made anew with the rest of it.
    const current = signed.kind === "ca" ? complete(secret, existing.entries) : existing.entries;
    const renewed = await certificates.renewed(signed, current, authority, now);
    const entries =
      renewed === undefined ? current : (await reader.replaceSecret(newSecret(secret, renewed))).entries;
    return { entries, renewAtMs: certificates.renewalMsOf(entries) };
  }
  const { entries } = await create(secret, await certificates.issued(signed, authority, now), reader);
  return { entries, renewAtMs: certificates.renewalMsOf(entries) };
}

/** What is there may have been edited by hand: text is held to the same rules as in a user's own Secret. */
function valueOf(secret: GeneratedSecret, key: string, bytes: Uint8Array = new Uint8Array()): Sealed {
  if (!generatorsOf(secret).some((generator) => keysOf(generator).get(key) === "text"))
    return Sealed.of(bytes);
  const text = readText(bytes);
  // Programs that mount it drop a newline at its end as well, but not what Windows writes before it.
  const isWindows = bytes.at(-1) === 0x0a && bytes.at(-2) === 0x0d;
  if (text.kind === "ok" && !isWindows) return text.value;
  const rule = text.kind === "ok" ? "it ends with a carriage return and a newline" : text.rule;
  throw new Blocked("InvalidSecret", `Cannot use key "${key}" of Secret "${secret.secretName}": ${rule}`);
}

const create = (secret: GeneratedSecret, entries: Entries, reader: ResolveReader): Promise<KeyValues> =>
  reader.createSecret(newSecret(secret, entries));

function newSecret({ secretName, labels, retain }: GeneratedSecret, entries: Entries): NewSecret {
  return {
    name: secretName,
    labels,
    entries,
    ...(retain ? { annotations: { [retainAnnotation]: "true" } } : {}),
  };
}

async function make(secret: GeneratedSecret): Promise<Entries> {
  const { generate } = await import("./generators.ts");
  const parts = await Promise.all(generatorsOf(secret).map(generate));
  return new Map(parts.flatMap((part) => [...part].map(([key, text]) => [key, encode(text)] as const)));
}

/** The values that `render` shows where only a cluster knows them. Literals are known anywhere. */
function standIns(secret: GeneratedSecret, text: string): Entries {
  const textOf = (generator: Generator, key: string): string =>
    generator.kind === "literal" ? (generator.entries[key] ?? "") : text;
  return new Map(
    generatorsOf(secret).flatMap((generator) =>
      [...keysOf(generator).keys()].map((key) => [key, encode(textOf(generator, key))] as const),
    ),
  );
}

/**
 * A Secret that once was complete and no longer is must not be filled up: data may depend on what it held.
 */
function complete(secret: GeneratedSecret, entries: Entries): Entries {
  const absent = wantedKeys(secret).filter((key) => !entries.has(key));
  if (absent.length === 0) return entries;
  throw new Blocked(
    "InvalidSecret",
    `Secret "${secret.secretName}" was generated once and has lost the key ${absent.map((key) => `"${key}"`).join(", ")}: ` +
      "restore it from a backup, or delete the whole Secret to have a new one made if no data depends on it",
  );
}

const wantedKeys = (secret: GeneratedSecret): readonly string[] =>
  generatorsOf(secret).flatMap((generator) => [...keysOf(generator).keys()]);

const certificateOf = (secret: GeneratedSecret): CertificateGenerator | undefined =>
  generatorsOf(secret).find((generator) => generator.kind === "certificate");

function entriesOf(found: ReadonlyMap<string, Found>, id: string): Entries {
  const values = found.get(id)?.values;
  if (values === undefined) throw new Error(`No generated Secret "${id}" to sign with`);
  return new Map([...values].map(([key, value]) => [key, openBytes(value)]));
}
