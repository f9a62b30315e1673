/** What a syntax cannot hold, said independently of the products' own rules. Pure. */

export type Unfit = (value: string) => string | undefined;

/** The first that applies. */
export const anyOf =
  (...rules: readonly Unfit[]): Unfit =>
  (value) =>
    rules.map((rule) => rule(value)).find((reason) => reason !== undefined);

const rule =
  (reason: string, applies: (value: string) => boolean): Unfit =>
  (value) =>
    applies(value) ? reason : undefined;

/** Dynaconf takes such a word for an instruction wherever it stands. */
export const isInstruction = rule("Dynaconf takes it for an instruction", (value) =>
  /^\s*dynaconf_/i.test(value),
);

/** Programs that mount such a Secret themselves would keep the carriage return. */
export const windows = rule("it ends as lines of Windows do", (value) => value.endsWith("\r\n"));
export const severalLines = rule("it has several lines", (value) => value.includes("\n"));

export const noText = rule("it is not valid Unicode", (value) => !value.isWellFormed());
export const nul = rule("it has a NUL", (value) => value.includes("\0"));
export const empty = rule("it is empty", (value) => value.replace(/\r?\n$/, "") === "");

/** What ends a line for somebody, and control characters, which no real value contains. */
// oxlint-disable-next-line no-control-regex -- control characters are what this is about
const breaking = /[\0-\x08\n-\r\x0e-\x1f\x7f-\x9f\u2028\u2029]/;

/** Python's white space is JavaScript's without U+FEFF; its control characters are refused as such. */
const isStripped = (value: string): boolean => {
  const seen = value.replaceAll("\ufeff", "x");
  return seen !== seen.trim();
};

export const oneLine = anyOf(
  rule("it has a line break or control character", (value) => breaking.test(value)),
  rule("it begins or ends with white space", isStripped),
);

/** One newline at the end of a Secret's text is taken for an accident of whoever made it. */
export const withoutNewline = (value: string): string => value.replace(/\r?\n$/, "");
