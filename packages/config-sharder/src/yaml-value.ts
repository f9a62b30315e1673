/**
 * A YAML document as values that keep what Python would make of them: `10.0` stays a float, `1e3` a string.
 * Pure.
 */

export type YamlValue = YamlScalar | readonly YamlValue[] | YamlMap;
export type YamlScalar = null | boolean | string | PlainScalar;

/**
 * A number or date in the spelling of the source. JavaScript would turn `10.0` into `10`, which Nodepool
 * refuses.
 */
export class PlainScalar {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  toJSON(): unknown {
    const number = Number(this.source);
    return Number.isFinite(number) ? number : this.source;
  }
}

/** Keys may be any scalar, as in Python. Order is that of the source; writers sort. */
export class YamlMap {
  readonly entries: readonly (readonly [YamlScalar, YamlValue])[];

  constructor(entries: Iterable<readonly [YamlScalar, YamlValue]>) {
    this.entries = [...entries];
  }

  get(key: string): YamlValue | undefined {
    return this.entries.find(([name]) => name === key)?.[1];
  }

  /** The same map with this key set, or removed where the value is undefined. */
  with(key: string, value: YamlValue | undefined): YamlMap {
    const others = this.entries.filter(([name]) => name !== key);
    return new YamlMap(value === undefined ? others : [...others, [key, value]]);
  }

  toJSON(): unknown {
    return Object.fromEntries(
      this.entries.map(([key, value]) => [key instanceof PlainScalar ? key.source : String(key), value]),
    );
  }
}

/** JSON as it is written in code: numbers become integers or floats by their looks. */
export type YamlInput =
  | null
  | boolean
  | string
  | number
  | readonly YamlInput[]
  | { readonly [key: string]: YamlInput };

export function yamlOf(input: YamlInput): YamlValue {
  if (typeof input === "number") return new PlainScalar(String(input));
  if (typeof input !== "object" || input === null) return input;
  if (isList(input)) return input.map(yamlOf);
  return new YamlMap(Object.entries(input).map(([key, value]) => [key, yamlOf(value)]));
}

const isList = (input: object): input is readonly YamlInput[] => Array.isArray(input);
