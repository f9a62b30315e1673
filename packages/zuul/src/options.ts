/**
 * Reads pass-through options: a table says for each option whether it is text, a secret string or a file, who reads it
 * and what belongs together; what is not in the table passes as text, with a notice. Leaves values of references to
 * `zuul-conf.ts`. Pure.
 */
import type { Notice } from "@zuul-pulp/k8s-core/model";
import type { Daemon } from "./daemons.ts";
import { optionName, refusalOf } from "./ini.ts";

/**
 * `text`, `integer`, `number`, `boolean`: written as they are. `secret`: a string that must come from a reference.
 * `secretFile`: likewise, but Zuul reads a path, so the content is mounted. `file`: public material, a reference or the
 * path of an extra volume. `list`: a list or text, joined by `separator`.
 */
export type OptionKind =
  | "text"
  | "integer"
  | "number"
  | "boolean"
  | "secret"
  | "secretFile"
  | "file"
  | "list";

/** Another option of the section, and what it has to be. */
export interface OnlyWith {
  readonly option: string;
  readonly value: string;
  /** The option has this value when it is not set. */
  readonly isDefault?: true;
  /** A switch of the section; while it is off, Zuul reads none of this. */
  readonly when?: string;
}

export interface OptionRule {
  readonly kind: OptionKind;
  readonly required?: true;
  /** Daemons that use the option, when they are fewer than those that read the section. */
  readonly readers?: readonly Daemon[];
  /** Options that must be set with this one. */
  readonly needs?: readonly string[];
  /** Zuul ends at start when the option is set, and not false, while another one has another value than this. */
  readonly onlyWith?: OnlyWith;
  /** Any text, even `false`, switches it on: left out when false. */
  readonly omitFalse?: true;
  readonly separator?: string;
  readonly oneOf?: readonly string[];
  /** An SSH private key: gets the final newline that ssh-add demands. */
  readonly sshKey?: true;
}

export type OptionTable = Readonly<Record<string, OptionRule>>;

export type ReferenceSource = { readonly secretName: string } | { readonly configMapName: string };

export type OptionValue =
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "reference";
      /** Spec path, under which `resolve` knows the value: `connections.gerrit.password`. */
      readonly id: string;
      readonly source: ReferenceSource;
      readonly key?: string;
      readonly as: "text" | "file" | "sshKey";
    };

/** One option of one section, and the daemons in whose file it stands. */
export interface ConfOption {
  readonly name: string;
  readonly value: OptionValue;
  readonly readers: readonly Daemon[];
}

/** One section of zuul.conf before it is cut into the part of each daemon. */
export interface ConfSection {
  readonly name: string;
  readonly options: readonly ConfOption[];
}

export interface ReadOptions {
  readonly options: readonly ConfOption[];
  /** `path: sentence`, for the user who wrote the resource. */
  readonly problems: readonly string[];
  readonly notices: readonly Notice[];
}

export interface SectionRules {
  /** Spec path of the section: `connections.gerrit`. */
  readonly path: string;
  readonly table: OptionTable;
  readonly readers: readonly Daemon[];
  /** Options that the operator sets itself. */
  readonly owned?: readonly string[];
  /** Options that have a field of their own, and where it is: `executor.zone`. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Members of the same object that are no options. */
  readonly skip?: readonly string[];
}

/** Everything that is wrong is collected: the user edits once. Order of the input is kept. */
export function readOptions(raw: Readonly<Record<string, unknown>>, rules: SectionRules): ReadOptions {
  const { path, table, owned = [], fields = {}, skip = [] } = rules;
  const options: ConfOption[] = [];
  const problems: string[] = [];
  const notices: Notice[] = [];
  for (const [name, value] of Object.entries(raw)) {
    if (skip.includes(name) || value === null || value === undefined) continue;
    const at = `${path}.${name}`;
    if (!optionName.test(name))
      problems.push(`${at}: an option is lower-case letters, digits and underscores`);
    else if (fields[name] !== undefined)
      problems.push(`${at}: has a field of its own, write it as spec.${fields[name]}`);
    else if (owned.includes(name)) problems.push(`${at}: is set by the operator and cannot be overridden`);
    else {
      const rule = table[name];
      if (rule === undefined) notices.push(unknownOption(at));
      const read = readValue(at, name, value, rule);
      if (typeof read === "string") problems.push(`${at}: ${read}`);
      else if (read !== undefined)
        options.push({ name, value: read, readers: rule?.readers ?? rules.readers });
    }
  }
  problems.push(...missing(options, rules), ...misplaced(options, rules));
  return { options, problems, notices };
}

function unknownOption(at: string): Notice {
  return {
    type: "Warning",
    reason: "UnknownOption",
    message: `spec.${at} is no option that this operator knows; Zuul ignores an option that it does not know either`,
  };
}

function missing(options: readonly ConfOption[], { path, table }: SectionRules): readonly string[] {
  const set = new Set(options.map(({ name }) => name));
  return Object.entries(table).flatMap(([name, { required, needs = [] }]) => {
    if (!set.has(name)) return required === true ? [`${path}.${name}: is required`] : [];
    return needs
      .filter((other) => !set.has(other))
      .map((other) => `${path}.${other}: is required with ${name}`);
  });
}

function misplaced(options: readonly ConfOption[], { path, table }: SectionRules): readonly string[] {
  const texts = new Map(options.map(({ name, value }) => [name, value.kind === "text" ? value.text : ""]));
  return [...texts].flatMap(([name, text]) => {
    const only = table[name]?.onlyWith;
    if (only === undefined || text === "false") return [];
    const { option, value, isDefault, when } = only;
    if (when !== undefined && texts.get(when) !== "true") return [];
    const isMet = texts.has(option) ? texts.get(option) === value : isDefault === true;
    return isMet ? [] : [`${path}.${name}: counts only with ${option} ${value}, and Zuul ends otherwise`];
  });
}

/** A value, `undefined` for "leave it out", or what is wrong with it. */
function readValue(
  at: string,
  name: string,
  value: unknown,
  rule: OptionRule | undefined,
): OptionValue | string | undefined {
  if (isObject(value)) return readReference(at, value, rule);
  const kind = rule?.kind ?? "text";
  if (kind === "secret" || kind === "secretFile")
    return `is a secret, not plain text: write {secretName: NAME, key: ${name}}`;
  const text = plainText(value, kind, rule?.separator);
  if (text === undefined) return expectation(kind);
  const refusal = refusalOf(text);
  if (refusal !== undefined) return refusal;
  if (rule?.oneOf !== undefined && !rule.oneOf.includes(text))
    return `must be one of ${rule.oneOf.join(", ")}`;
  if (rule?.omitFalse === true && text === "false") return undefined;
  return { kind: "text", text };
}

function readReference(
  at: string,
  value: Readonly<Record<string, unknown>>,
  rule: OptionRule | undefined,
): OptionValue | string {
  const { secretName, configMapName, key, asFile, ...rest } = value;
  const kind = rule?.kind ?? "text";
  if (Object.keys(rest).length > 0)
    return `must be a value or {secretName, key}, it has ${Object.keys(rest).join(", ")}`;
  if (key !== undefined && (typeof key !== "string" || key === "")) return "key must be text";
  if (asFile !== undefined && (rule !== undefined || typeof asFile !== "boolean"))
    return "asFile is a boolean, for options that the operator does not know";
  if (kind === "integer" || kind === "number" || kind === "boolean" || kind === "list")
    return expectation(kind);
  const source = sourceOf(secretName, configMapName);
  if (source === undefined) return "must name one Secret: {secretName: NAME, key: KEY}";
  if ("configMapName" in source && kind !== "file")
    return "must come from a Secret: {secretName: NAME, key: KEY}";
  const isFile = kind === "file" || kind === "secretFile" || asFile === true;
  const as = rule?.sshKey === true ? "sshKey" : isFile ? "file" : "text";
  return { kind: "reference", id: at, source, ...(key === undefined ? {} : { key }), as };
}

function sourceOf(secretName: unknown, configMapName: unknown): ReferenceSource | undefined {
  if (typeof secretName === "string" && secretName !== "" && configMapName === undefined)
    return { secretName };
  if (typeof configMapName === "string" && configMapName !== "" && secretName === undefined)
    return { configMapName };
  return undefined;
}

/** Plain decimal, `true`/`false`, text; undefined when the value is of another kind. */
function plainText(value: unknown, kind: OptionKind, separator = ","): string | undefined {
  switch (kind) {
    case "boolean":
      return value === true || value === false || value === "true" || value === "false"
        ? String(value)
        : undefined;
    case "integer":
      return /^-?\d{1,15}$/.test(String(value)) && !Array.isArray(value) ? String(value) : undefined;
    case "number":
      return /^-?\d{1,15}(\.\d{1,9})?$/.test(String(value)) && !Array.isArray(value)
        ? String(value)
        : undefined;
    case "list":
      if (!Array.isArray(value)) return typeof value === "string" ? value : undefined;
      return value.every((part) => typeof part === "string" && !part.includes(separator))
        ? value.join(separator)
        : undefined;
    default:
      if (typeof value === "string") return value;
      if (typeof value === "boolean") return String(value);
      return typeof value === "number" && /^-?\d{1,15}(\.\d{1,9})?$/.test(String(value))
        ? String(value)
        : undefined;
  }
}

function expectation(kind: OptionKind): string {
  switch (kind) {
    case "boolean":
      return "must be true or false";
    case "integer":
      return "must be a whole number";
    case "number":
      return "must be a number in plain decimals";
    case "list":
      return "must be a list of texts that do not contain the separator";
    default:
      return "must be text, a plain number, a boolean or {secretName, key}";
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
