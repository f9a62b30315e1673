/**
 * Step 2 of the line: reads what a resource refers to and makes what is to be generated once. Values stay
 * sealed.
 *
 * I/O: only through the reader. Each object is read once; all problems are reported together.
 */
import { type KeyValues, type Notice, Recent, type ReferenceReader } from "@zuul-pulp/k8s-core/model";
import { ensureGenerated } from "./generated.ts";
import { impossible, nameOf, titleOf } from "./names.ts";
import { Problems } from "./problems.ts";
import { type GeneratedSecret, generatorsOf, keysOf, type Reference, type References } from "./references.ts";
import type { ResolveReader } from "./reader.ts";
import { type Found, type ResolvedRefs, resolvedRefs } from "./resolved.ts";
import type { Source } from "./schema.ts";
import { Sealed } from "./sealed.ts";
import { readSshKey, readText } from "./text.ts";
import { together } from "./together.ts";

const readsAtOnce = 8;

/**
 * @throws Waiting `SecretMissing`, `ConfigMapMissing`: every missing object and key by name, with the spec
 * path
 * @throws Blocked `InvalidReference`: a name or key that Kubernetes can never hold
 * @throws Blocked `InvalidSecret`: content that breaks a rule; names object, key and rule, never the value
 */
export async function resolveAll(wanted: References, from: ResolveReader): Promise<ResolvedRefs> {
  const { references, generated } = wanted;
  const { reader, seen } = noting(from);
  const problems = new Problems();
  const asked = [...references, ...generated.flatMap(adopted)];
  const objects = await readObjects(asked, reader, problems);

  const notices: Notice[] = [];
  const found = new Map<string, Found>();
  for (const reference of asked) {
    const value = find(reference, objects.get(objectKey(reference.source)), problems, notices);
    if (value !== undefined) found.set(reference.id, value);
  }
  // Nothing is generated while a reference is wrong: the user may be about to name a Secret of their own.
  problems.throwIfAny();

  // Adopted first: one of them may be the CA that signs a certificate of ours.
  for (const secret of generated.filter(({ adopt }) => adopt !== undefined))
    found.set(secret.id, asAdopted(secret, found));
  const own = generated.filter(({ adopt }) => adopt === undefined);
  await ensureGenerated(own, found, reader);
  return lately.answer([wanted, seen()], () => resolvedRefs(found, notices));
}

/** The same objects for the same references: then it is the same answer, and what is made of it is too. */
const lately = new Recent<ResolvedRefs>();

/** A reader that knows what it gave, by kind and name. A reader from a cache gives the same object until it changes. */
function noting(reader: ResolveReader): { reader: ResolveReader; seen: () => readonly unknown[] } {
  const given = new Map<string, KeyValues | undefined>();
  const note = async (id: string, object: Promise<KeyValues | undefined>) => {
    const found = await object;
    given.set(id, found);
    return found;
  };
  const noted = async (secret: KeyValues) => {
    given.set(`Secret ${secret.name}`, secret);
    return secret;
  };
  return {
    seen: () => [...given].toSorted(([a], [b]) => (a < b ? -1 : 1)),
    reader: {
      now: () => reader.now(),
      ...(reader.wakeAt === undefined ? {} : { wakeAt: (ms: number) => reader.wakeAt?.(ms) }),
      ...(reader.standIn === undefined ? {} : { standIn: reader.standIn }),
      readSecret: (name) => note(`Secret ${name}`, reader.readSecret(name)),
      readConfigMap: (name) => note(`ConfigMap ${name}`, reader.readConfigMap(name)),
      createSecret: async (secret) => await noted(await reader.createSecret(secret)),
      replaceSecret: async (secret) => await noted(await reader.replaceSecret(secret)),
    },
  };
}

const objectKey = (source: Source): string => titleOf(source);

async function readObjects(
  references: readonly Reference[],
  reader: ReferenceReader,
  problems: Problems,
): Promise<ReadonlyMap<string, KeyValues | undefined>> {
  const sources = new Map<string, Source>();
  for (const { id, source, key } of references) {
    const sentence = impossible(source, key);
    if (sentence === undefined) sources.set(objectKey(source), source);
    else problems.invalid("InvalidReference", `${sentence} (spec.${specPath(id)})`);
  }
  const objects = new Map<string, KeyValues | undefined>();
  const queue = [...sources.entries()];
  const readNext = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [key, source] = next;
      objects.set(
        key,
        "secretName" in source
          ? await reader.readSecret(source.secretName)
          : await reader.readConfigMap(source.configMapName),
      );
    }
  };
  await together(Array.from({ length: readsAtOnce }, readNext));
  return objects;
}

function find(
  reference: Reference,
  object: KeyValues | undefined,
  problems: Problems,
  notices: Notice[],
): Found | undefined {
  const { id, source, key } = reference;
  if (impossible(source, key) !== undefined) return undefined;
  const what = "secretName" in source ? "Secret" : "ConfigMap";
  const where = `(spec.${specPath(id)})`;
  const missing = (text: string): undefined => {
    if (reference.optional !== true) problems.missing(what, text);
    return undefined;
  };
  if (object === undefined) return missing(`${titleOf(source)} does not exist ${where}`);

  const keys = keysWanted(reference, object);
  if (typeof keys === "string") return missing(`${titleOf(source)} ${keys} ${where}`);
  const values = new Map<string, Sealed>();
  for (const name of keys) {
    const bytes = object.entries.get(name);
    if (bytes === undefined) continue;
    const value = valueOf(reference, name, bytes, problems, notices);
    if (value !== undefined) values.set(name, value);
  }
  if (values.size < keys.length) return undefined;
  return {
    objectName: nameOf(source),
    fromConfigMap: what === "ConfigMap",
    values,
    keys: new Map(keys.map((name) => [name, name])),
  };
}

/** Keys to read, sorted; or what is missing, to be read after the name of the object. */
function keysWanted(
  { as, key, defaultKeys = [], requires = [] }: Reference,
  { entries }: KeyValues,
): readonly string[] | string {
  const there = [...entries.keys()].toSorted();
  if (as === "all" || as === "texts") {
    const absent = requires
      .map((names) => (typeof names === "string" ? [names] : names))
      .filter((names) => !names.some((name) => entries.has(name)));
    if (absent.length === 0) return there;
    return `has no key ${absent.map((names) => names.map((name) => `"${name}"`).join(" or ")).join(", no key ")}`;
  }
  if (key !== undefined) return entries.has(key) ? [key] : `has no key "${key}"`;
  const first = defaultKeys.find((name) => entries.has(name));
  if (first !== undefined) return [first];
  if (there.length === 1) return there;
  const named = defaultKeys.map((name) => `"${name}"`).join(" or ");
  if (there.length === 0) return `has no key${named === "" ? "" : ` ${named}`}`;
  return `has ${named === "" ? "" : `no key ${named}, but `}${there.length} keys: name the one that is meant`;
}

function valueOf(
  { id, as, source, requires = [] }: Reference,
  key: string,
  bytes: Uint8Array,
  problems: Problems,
  notices: Notice[],
): Sealed | undefined {
  if (as === "file" || as === "all") return Sealed.of(bytes);
  const result = as === "sshKey" ? readSshKey(bytes) : readText(bytes);
  const where = `key "${key}" of ${titleOf(source)} (spec.${specPath(id)})`;
  if (result.kind === "refused") {
    // A key that nobody requires may be empty: `sslrootcert` of a database Secret, for example.
    if (as === "texts" && bytes.length === 0 && !requires.flat().includes(key)) return Sealed.of("");
    problems.invalid("InvalidSecret", `Cannot use ${where}: ${result.rule}`);
    return undefined;
  }
  if (result.change === "newline removed")
    notices.push({
      type: "Normal",
      reason: "TrailingNewlineRemoved",
      message: `Removed the newline at the end of ${where}`,
    });
  if (result.change === "newline added")
    notices.push({
      type: "Normal",
      reason: "FinalNewlineAdded",
      message: `Added the missing newline at the end of ${where}`,
    });
  return result.value;
}

/** Cannot occur in a spec path. */
const adoptedMark = "\u0000";

/** Without the mark that keeps several keys of one adopted Secret apart. */
const specPath = (id: string): string => id.split(adoptedMark)[0] ?? id;

/** A Secret that the user gives instead of ours is read like any reference, key by key. */
function adopted(secret: GeneratedSecret): readonly Reference[] {
  const { adopt, id } = secret;
  if (adopt === undefined) return [];
  const wanted = adoptableKeys(secret);
  return wanted.map(([key, as]) => ({
    id: `${id}${adoptedMark}${key}`,
    source: { secretName: adopt.secretName },
    key: (wanted.length === 1 ? adopt.key : undefined) ?? key,
    as,
  }));
}

function adoptableKeys(secret: GeneratedSecret): readonly (readonly [string, "text" | "file" | "sshKey"])[] {
  return generatorsOf(secret).flatMap((generator) => {
    const keys = [...keysOf(generator)];
    if (generator.kind === "sshKey") return keys.slice(0, 1);
    return generator.kind === "certificate" ? keys.filter(([key]) => key !== "tls.pem") : keys;
  });
}

function asAdopted(secret: GeneratedSecret, found: Map<string, Found>): Found {
  const values = new Map<string, Sealed>();
  const keys = new Map<string, string>();
  for (const [key] of adoptableKeys(secret)) {
    const part = found.get(`${secret.id}${adoptedMark}${key}`);
    const [entry] = part?.values ?? [];
    if (entry === undefined) throw new Error(`Adopted Secret of "${secret.id}" was not read`);
    found.delete(`${secret.id}${adoptedMark}${key}`);
    keys.set(key, entry[0]);
    values.set(key, entry[1]);
  }
  return { objectName: secret.adopt?.secretName ?? secret.secretName, fromConfigMap: false, values, keys };
}
