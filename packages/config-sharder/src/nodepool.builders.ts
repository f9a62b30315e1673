/** Nodepool configs for tests, built from words. */
import {
  array,
  type Arbitrary,
  boolean,
  constantFrom,
  integer,
  oneof,
  record,
  string,
  uniqueArray,
} from "fast-check";
import { PlainScalar, YamlMap, type YamlInput, yamlOf } from "./yaml-value.ts";
import { writeYaml } from "./yaml-write.ts";

export interface ProviderProps {
  readonly name: string;
  readonly labels: readonly string[];
  readonly images?: readonly string[];
  readonly more?: Readonly<Record<string, YamlInput>>;
}

export interface ConfigProps {
  readonly labels?: readonly string[];
  /** Image name to the name of its parent, or to nothing. */
  readonly images?: Readonly<Record<string, string | undefined>>;
  readonly providers: readonly ProviderProps[];
  readonly more?: Readonly<Record<string, YamlInput>>;
}

/** A provider of the default driver whose one pool offers these labels. */
export function region(name: string, ...labels: readonly string[]): ProviderProps {
  return { name, labels };
}

export function nodepool(...providers: readonly ProviderProps[]): string {
  return configText({ providers });
}

/** The text of a config. Labels that are not given are those that the providers offer. */
export function configText({ labels, images = {}, providers, more = {} }: ConfigProps): string {
  const offered = [...new Set(providers.flatMap((provider) => provider.labels))];
  const parts: YamlInput = {
    ...more,
    labels: (labels ?? offered).map((name) => ({ name })),
    diskimages: Object.entries(images).map(([name, parent]) => ({
      name,
      ...(parent === undefined ? {} : { parent }),
    })),
    providers: providers.map(({ name, labels: own, images: uploaded = [], more: rest = {} }) => ({
      name,
      cloud: "vexx",
      ...rest,
      diskimages: uploaded.map((image) => ({ name: image })),
      pools: [{ name: "main", labels: own.map((label) => ({ name: label, "min-ram": 8000 })) }],
    })),
  };
  return writeYaml(asMap(parts));
}

const asMap = (input: YamlInput): YamlMap => {
  const value = yamlOf(input);
  return value instanceof YamlMap ? value : new YamlMap([]);
};

const name = (): Arbitrary<string> =>
  string({ minLength: 1, maxLength: 12 }).filter((text) => !text.startsWith("fake"));

/** Any valid config: odd names, odd values, shared and unused labels, images with and without ancestors. */
export function anyConfig(): Arbitrary<ConfigProps> {
  return record({
    labels: uniqueArray(name(), { minLength: 1, maxLength: 6 }),
    images: uniqueArray(name(), { minLength: 1, maxLength: 6 }),
    providers: uniqueArray(
      record({
        name: name(),
        labels: array(integer({ min: 0, max: 5 }), { maxLength: 4 }),
        images: array(integer({ min: 0, max: 5 }), { maxLength: 4 }),
        more: record({
          "region-name": anyText(),
          attributes: array(oneof(anyText(), boolean(), integer()), { maxLength: 3 }),
        }),
      }),
      { selector: (provider) => provider.name, maxLength: 5 },
    ),
    more: record({ "max-hold-age": integer({ min: 0 }), webapp: record({ listen_address: anyText() }) }),
  }).map(({ labels, images, providers, more }) => ({
    labels,
    // Each image may only inherit from the one before it: no circles.
    images: Object.fromEntries(
      images.map((image, index) => [image, index % 2 === 0 ? undefined : images[index - 1]]),
    ),
    providers: providers.map((provider) => ({
      ...provider,
      labels: distinctAt(labels, provider.labels),
      images: distinctAt(images, provider.images),
    })),
    more,
  }));
}

/** Text, often of the kind that YAML takes for something else. */
export function anyText(): Arbitrary<string> {
  return oneof(
    string({ unit: "binary" }),
    constantFrom("8", "1e3", "on", "012", "~", "", "1:30", "y", "2020-01-01", "0x1f", "-", "<<", "=", ".5"),
  );
}

export const float = (source: string): PlainScalar => new PlainScalar(source);

const distinctAt = (names: readonly string[], indexes: readonly number[]): readonly string[] => [
  ...new Set(indexes.map((index) => names[index % names.length] ?? "")),
];
