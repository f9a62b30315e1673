/**
 * Writes a JSON-like value as a Python literal that Python reads back equal and Dynaconf does not reinterpret. Pure.
 *
 * Values never reach settings.py by joining text. What cannot be written faithfully is refused, never altered.
 */
import { Blocked } from "@zuul-pulp/k8s-core/model";

export type PythonValue =
  | null
  | boolean
  | number
  | string
  | readonly PythonValue[]
  | { readonly [key: string]: PythonValue };

/**
 * One Python expression: `True`, `None`, `"text"`, `[…]`, `{"key": …}` with sorted keys, ASCII only, one line.
 *
 * A string that begins with `@` is written `"@str …"` or `"@json …"`, because Dynaconf reads markers (`@int`,
 * `@read_file`, …) inside strings of Python files as well, at any depth.
 * @param path where the value came from, for the message: `spec.settings.LOGGING`
 * @throws Blocked `InvalidSetting` for NaN, infinities, integers beyond 2^53, NUL, lone surrogates and for the
 *   words `dynaconf_…`, which mean "merge" instead of themselves
 * @see Python 3 reference 2.4 "Literals"; Dynaconf 3.3 "Casting" and "Merging"
 */
export function pythonLiteral(value: PythonValue, path: string): string {
  if (value === null) return "None";
  switch (typeof value) {
    case "boolean":
      return value ? "True" : "False";
    case "number":
      return pythonNumber(value, path);
    case "string":
      return pythonString(guarded(value), path);
    default:
      return isList(value) ? pythonList(value, path) : pythonDict(value, path);
  }
}

function isList(
  value: readonly PythonValue[] | { readonly [key: string]: PythonValue },
): value is readonly PythonValue[] {
  return Array.isArray(value);
}

/**
 * `@str` stops Dynaconf from reading the next marker as one, except for the four that it evaluates even behind another
 * (`@str @read_file /etc/passwd` reads the file): those travel as JSON.
 */
function guarded(text: string): string {
  if (/^@(jinja|format|read_file|get)/.test(text)) return `@json ${JSON.stringify(text)}`;
  return text.startsWith("@") ? `@str ${text}` : text;
}

function pythonNumber(value: number, path: string): string {
  if (!Number.isFinite(value)) throw new Blocked("InvalidSetting", `${path} is not a finite number`);
  if (Number.isInteger(value) && !Number.isSafeInteger(value))
    throw new Blocked(
      "InvalidSetting",
      `${path} is an integer beyond 2^53, which JSON does not carry exactly; write it as text`,
    );
  return String(value);
}

function pythonList(items: readonly PythonValue[], path: string): string {
  return `[${items.map((item, index) => pythonLiteral(item, `${path}[${index}]`)).join(", ")}]`;
}

function pythonDict(entries: { readonly [key: string]: PythonValue }, path: string): string {
  const written = Object.keys(entries)
    .sort()
    // The key itself is never cast by Dynaconf, hence no `@str` here.
    .map(
      (key) =>
        `${pythonString(key, `${path} (a key)`)}: ${pythonLiteral(entries[key] ?? null, `${path}.${key}`)}`,
    );
  return `{${written.join(", ")}}`;
}

function pythonString(text: string, path: string): string {
  if (/^(@str )?\s*dynaconf_/i.test(text))
    throw new Blocked(
      "InvalidSetting",
      `${path} begins with "dynaconf_", which Dynaconf takes as an instruction`,
    );
  let written = "";
  for (const character of text) written += escaped(character, path);
  return `"${written}"`;
}

const named: ReadonlyMap<string, string> = new Map([
  ["\\", "\\\\"],
  ['"', '\\"'],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

function escaped(character: string, path: string): string {
  const short = named.get(character);
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  if (code === 0) throw new Blocked("InvalidSetting", `${path} contains a NUL character`);
  if (code >= 0xd800 && code <= 0xdfff)
    throw new Blocked("InvalidSetting", `${path} contains half of a surrogate pair, which is no character`);
  if (code >= 0x20 && code < 0x7f) return character;
  // Python takes \u with four digits up to U+FFFF and \U with eight beyond; a pair of \u would be two lone surrogates.
  return code <= 0xffff ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}
