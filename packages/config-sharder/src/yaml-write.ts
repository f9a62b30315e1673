/**
 * Writes YAML that every reader of 1.1 and 1.2 understands alike: ASCII, keys sorted, doubtful strings
 * quoted. Pure.
 */
import { plainScalar } from "./yaml-scalar.ts";
import { PlainScalar, YamlMap, type YamlScalar, type YamlValue } from "./yaml-value.ts";

/** The same value gives the same bytes, whatever the order of its keys was. Ends with a newline. */
export function writeYaml(value: YamlMap): string {
  return value.entries.length === 0 ? "{}\n" : block(value, "");
}

function block(value: YamlValue, indent: string): string {
  if (value instanceof YamlMap) {
    const lines = value.entries
      .map(([key, child]) => [scalar(key), child] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1));
    return lines.map(([key, child]) => `${indent}${key}:${nested(child, indent)}`).join("");
  }
  if (isList(value)) return value.map((child) => listEntry(child, indent)).join("");
  return `${indent}${scalar(value)}\n`;
}

/** A map begins on the line of its dash. */
function listEntry(value: YamlValue, indent: string): string {
  if (!(value instanceof YamlMap) || value.entries.length === 0) return `${indent}-${nested(value, indent)}`;
  const deeper = `${indent}  `;
  return `${indent}- ${block(value, deeper).slice(deeper.length)}`;
}

/** What follows `key:` or `-`: on the same line, or deeper on the next ones. */
function nested(value: YamlValue, indent: string): string {
  if (value instanceof YamlMap)
    return value.entries.length === 0 ? " {}\n" : `\n${block(value, `${indent}  `)}`;
  if (isList(value)) return value.length === 0 ? " []\n" : `\n${block(value, `${indent}  `)}`;
  return ` ${scalar(value)}\n`;
}

function scalar(value: YamlScalar): string {
  if (value instanceof PlainScalar) return value.source;
  if (typeof value !== "string") return String(value);
  return isSafePlain(value) ? value : quoted(value);
}

/**
 * Without quotes only what no reader takes for anything else: the usual words, and none that spell a boolean
 * or a number in either version. `y` and `n` are booleans of the 1.1 standard, though not of PyYAML.
 */
function isSafePlain(text: string): boolean {
  return (
    /^[A-Za-z][A-Za-z0-9_./-]*$/.test(text) && !/^[ynYN]$/.test(text) && typeof plainScalar(text) === "string"
  );
}

function quoted(text: string): string {
  const escaped = JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  // PyYAML joins no surrogate pairs: characters beyond 16 bits need the eight-digit form.
  return escaped.replace(/\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})/g, (_, high: string, low: string) => {
    const codePoint =
      (Number.parseInt(high, 16) - 0xd800) * 0x400 + Number.parseInt(low, 16) - 0xdc00 + 0x10000;
    return `\\U${codePoint.toString(16).padStart(8, "0")}`;
  });
}

const isList = (value: YamlValue): value is readonly YamlValue[] => Array.isArray(value);
