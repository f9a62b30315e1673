/**
 * Reads one YAML document from someone who may not wish us well: bounded in size, depth and expansion. Pure.
 *
 * Anchors and merge keys are resolved, since a part of the document must stand alone. Messages carry lines
 * and rules, never text of the document: it may come from a Secret.
 */
import { Blocked } from "@zuul-pulp/k8s-core/model";
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, type Node, type Pair } from "yaml";
import { plainScalar } from "./yaml-scalar.ts";
import { YamlMap, type YamlScalar, type YamlValue } from "./yaml-value.ts";

export const yamlLimits = { characters: 1_048_576, depth: 64, aliases: 50, nodes: 200_000 } as const;

/** @throws Blocked `InvalidConfig` */
export function readYaml(text: string, name: string): YamlMap {
  if (text.length > yamlLimits.characters)
    throw refused(name, `it has ${text.length} characters, at most ${yamlLimits.characters} are read`);
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    schema: "failsafe",
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
    lineCounter: lines,
  });
  const [document, ...more] = "empty" in documents ? [] : documents;
  if (document === undefined) throw refused(name, "it is empty");
  if (more.length > 0) throw refused(name, "it holds several documents, exactly one is read");
  const [error] = document.errors;
  const at = (offset: number | undefined): string => {
    const { line, col } = lines.linePos(offset ?? 0);
    return `line ${line}, column ${col}`;
  };
  if (error !== undefined)
    throw refused(name, `${at(error.pos[0])}: ${error.code.toLowerCase().replaceAll("_", " ")}`);

  let aliases = 0;
  let nodes = 0;
  const anchors = new Map<string, Node>();
  // An anchor counts from where it stands: visiting it again through an alias must not bring an older one back.
  const seen = new Set<Node>();

  const value = (node: unknown, depth: number): YamlValue => {
    const known = knownNode(node);
    if (known === undefined) return null;
    const where = at(known.range?.[0]);
    if (depth > yamlLimits.depth)
      throw refused(name, `${where}: nested deeper than ${yamlLimits.depth} levels`);
    nodes += 1;
    if (nodes > yamlLimits.nodes) throw refused(name, `${where}: more than ${yamlLimits.nodes} values`);
    if (isAlias(known)) {
      aliases += 1;
      if (aliases > yamlLimits.aliases)
        throw refused(name, `${where}: more than ${yamlLimits.aliases} aliases`);
      const target = anchors.get(known.source);
      if (target === undefined) throw refused(name, `${where}: alias without an anchor before it`);
      return value(target, depth + 1);
    }
    if (!seen.has(known) && "anchor" in known && typeof known.anchor === "string")
      anchors.set(known.anchor, known);
    seen.add(known);
    if (isScalar(known)) return scalar(known.value, known.type, known.tag, where);
    if (isSeq(known)) return known.items.map((child) => value(child, depth + 1));
    if (isMap(known)) return map(known.items, depth, where);
    throw refused(name, `${where}: a kind of value that is not read`);
  };

  const scalar = (
    content: unknown,
    type: string | undefined,
    tag: string | undefined,
    where: string,
  ): YamlScalar => {
    const text = typeof content === "string" ? content : "";
    // An escape can spell half of a pair, which no reader of the file would take.
    if (!text.isWellFormed()) throw refused(name, `${where}: text that is not valid Unicode`);
    if (tag !== undefined && !["tag:yaml.org,2002:str", "!"].includes(tag))
      throw refused(name, `${where}: a tag, which is not read`);
    return tag === undefined && type === "PLAIN" ? plainScalar(text) : text;
  };

  const map = (pairs: readonly Pair[], depth: number, where: string): YamlMap => {
    const own = new Map<string, readonly [YamlScalar, YamlValue]>();
    const merged: YamlMap[] = [];
    for (const { key, value: content } of pairs) {
      if (isMergeKey(key)) merged.push(...mergeSources(value(content, depth + 1), where));
      else {
        const name_ = value(key, depth + 1);
        if (typeof name_ === "object" && name_ !== null && !("source" in name_))
          throw refused(name, `${where}: a list or map as a key`);
        const id = JSON.stringify([typeof name_, name_]);
        if (own.has(id))
          throw refused(name, `${at(knownNode(key)?.range?.[0])}: a key that is already there`);
        own.set(id, [name_, value(content, depth + 1)]);
      }
    }
    // Own keys win over merged ones; of several merged maps the first that has a key wins.
    for (const entry of merged.flatMap(({ entries }) => entries)) {
      const id = JSON.stringify([typeof entry[0], entry[0]]);
      if (!own.has(id)) own.set(id, entry);
    }
    return new YamlMap(own.values());
  };

  const mergeSources = (source: YamlValue, where: string): readonly YamlMap[] => {
    const maps = Array.isArray(source) ? source : [source];
    return maps.map((each) => {
      if (each instanceof YamlMap) return each;
      throw refused(name, `${where}: only maps can be merged`);
    });
  };

  const root = value(document.contents, 0);
  if (!(root instanceof YamlMap)) throw refused(name, "its top level is not a map");
  return root;
}

function refused(name: string, rule: string): Blocked {
  return new Blocked("InvalidConfig", `Cannot read ${name}: ${rule}`);
}

/** The library types children as unknown; everything that it parsed is one of these. */
function knownNode(node: unknown): Node | undefined {
  return isAlias(node) || isScalar(node) || isSeq(node) || isMap(node) ? node : undefined;
}

const isMergeKey = (key: unknown): boolean =>
  isScalar(key) && key.value === "<<" && key.type === "PLAIN" && key.tag === undefined;
