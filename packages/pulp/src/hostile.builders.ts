/** For tests: values that look like code, markers or markup, or hold characters that encoders get wrong. */
import { array, constantFrom, double, letrec, oneof, string, tuple } from "fast-check";
import type { PythonValue } from "./python-literal.ts";

const hostile = constantFrom(
  ...[
    "",
    "@int 5",
    "@str x",
    "@",
    "@none",
    "@read_file /etc/passwd",
    "@format {env[HOME]}",
    "@jinja {{ 1 }}",
    "{this.A}",
  ],
  ...[
    '"',
    "'",
    '"""',
    "\\",
    "\\u0041",
    "\\N{DASH}",
    "a\nb",
    "\r",
    "\t",
    "\u0001",
    "\u007f",
    "\u0085",
    "\u2028",
    "\u2029",
    "😀",
  ],
  ...[
    '"\nimport os\nX="',
    "${x}",
    "%s",
    "#x",
    "true",
    "0123",
    "None",
    "x @format y",
    "é",
    "\ufeff",
    "\uffff",
  ],
);

export const anyText = oneof(hostile, string({ unit: "binary", maxLength: 20 })).filter(
  (value) => !value.includes("\0") && !/^(@str )?\s*dynaconf_/i.test(value),
);

/** Whatever a setting may hold. @param key texts of keys */
export function anyPythonValue(key = anyText) {
  return letrec<{ value: PythonValue; list: PythonValue[]; dict: Record<string, PythonValue> }>((tie) => ({
    value: oneof(
      { maxDepth: 3, withCrossShrink: true },
      anyText,
      constantFrom(null, true, false, 0, -1, 2 ** 53 - 1, 0.1),
      double({ noNaN: true, noDefaultInfinity: true }).filter(
        (n) => !Number.isInteger(n) || Number.isSafeInteger(n),
      ),
      tie("list"),
      tie("dict"),
    ),
    list: array(tie("value"), { maxLength: 4 }),
    dict: array(tuple(key, tie("value")), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
  })).value;
}
