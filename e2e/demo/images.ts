/**
 * Where the demo's images come from: built here from packages, or published by the projects themselves.
 * An absent member means the operator's own default, which is upstream's published image. Pure.
 */
import { prefix } from "../images/recipe.ts";

export type ImageSource = "built" | "published";

export interface DemoImages {
  readonly zuulVersion: string;
  readonly pulpVersion: string;
  readonly prefix?: string;
  readonly pulp?: string;
  readonly zookeeper?: string;
  readonly mariadb?: string;
  readonly postgres?: string;
  readonly cache?: string;
  readonly nginx?: string;
  /** Holds `git daemon` and a shell. */
  readonly git: string;
}

const versions = { zuulVersion: "14.3.0", pulpVersion: "3.123.1" } as const;

export const builtImages = {
  ...versions,
  prefix,
  pulp: `${prefix}/pulp-minimal`,
  zookeeper: `${prefix}/zookeeper:3.8`,
  mariadb: `${prefix}/mariadb:10.11`,
  postgres: `${prefix}/postgres:15`,
  cache: `${prefix}/redis:7`,
  nginx: `${prefix}/nginx:1.22`,
  git: `${prefix}/base:1`,
} as const satisfies DemoImages;

export const publishedImages: DemoImages = {
  ...versions,
  git: `quay.io/zuul-ci/zuul-merger:${versions.zuulVersion}`,
};

export function demoImages(source: ImageSource): DemoImages {
  return source === "built" ? builtImages : publishedImages;
}

/** Names for `ensureImages`: the archives behind `builtImages`. */
export const builtNames: readonly string[] = [
  "base",
  "zookeeper",
  "mariadb",
  "postgres",
  "redis",
  "nginx",
  "zuul",
  "pulp-minimal",
];

export const operatorNames = ["zuul-operator", "pulp-operator"] as const;

/** A checkout's own operators, under the names that `e2e/images` gives them; `registry` where they were pushed to. */
export function builtOperator(name: (typeof operatorNames)[number], registry: string = prefix): string {
  return `${registry}/${name}:dev`;
}
