/**
 * Writes zuul.conf so that Python's configparser reads every value back exactly, or says why it cannot.
 *
 * Interpolation is on in Zuul's parser, so `%` is doubled; nothing is ever quoted; what a line cannot carry is refused
 * instead of changed. Leaves which values exist to `zuul-conf.ts`. Pure.
 * @see Python 3 `configparser`; zuul/lib/config.py of Zuul 14.3.0
 */

/** One section in file order; a value is written as it stands, after escaping. */
export interface IniSection {
  readonly name: string;
  readonly options: ReadonlyMap<string, string>;
}

/** What Python's `str.strip()` removes: other than JavaScript's `trim()`, with 0x1c–0x1f and 0x85, without U+FEFF. */
const pythonSpace =
  "\\t\\n\\v\\f\\r\\x1c-\\x1f \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const outerSpace = new RegExp(`^[${pythonSpace}]|[${pythonSpace}]$`);
const lineBreak = /[\n\r]/;
// Everything that Python or an editor may take for a line end or that no real credential contains.
// oxlint-disable-next-line no-control-regex -- control characters are what this is about
const controlCharacter = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029]/;
const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Why a value cannot stand in zuul.conf, to be read after "it": never contains the value. `undefined`: it can. */
export function refusalOf(value: string): string | undefined {
  if (lineBreak.test(value)) return "contains a line break, which one line of zuul.conf cannot hold";
  if (controlCharacter.test(value)) return "contains a control character, which zuul.conf cannot hold";
  if (loneSurrogate.test(value)) return "is not valid Unicode";
  if (outerSpace.test(value)) return "starts or ends with white space, which Zuul would drop";
  return undefined;
}

/** The file's text, one trailing newline. Callers have asked `refusalOf` before; a refused value is a bug here. */
export function renderIni(sections: readonly IniSection[]): string {
  return `${sections.map(renderSection).join("\n\n")}\n`;
}

function renderSection({ name, options }: IniSection): string {
  if (lineBreak.test(name) || name.toUpperCase() === "DEFAULT")
    throw new TypeError(`No section may be called ${name}`);
  const lines = [...options].map(([option, value]) => {
    const refusal = refusalOf(value);
    if (refusal !== undefined) throw new TypeError(`Cannot write [${name}] ${option}: it ${refusal}`);
    return value === "" ? `${option}=` : `${option}=${value.replaceAll("%", "%%")}`;
  });
  return [`[${name}]`, ...lines].join("\n");
}

/** A section or connection name that the parser and Zuul's web paths both survive. */
export const safeName = /^[A-Za-z0-9](?:[A-Za-z0-9._ -]*[A-Za-z0-9._-])?$/;

/** An option name as configparser keeps it: lower case, no separator. */
export const optionName = /^[a-z][a-z0-9_]*$/;
