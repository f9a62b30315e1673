/** Which images the demo needs, by the names under which `e2e/images` builds them. Pure. */
import type { DemoImages } from "./resources.ts";

const prefix = "localhost/zuul-pulp";

export const demoImages: DemoImages & {
  readonly git: string;
  readonly zuulOperator: string;
  readonly pulpOperator: string;
} = {
  prefix,
  zuulVersion: "14.3.0",
  pulpVersion: "3.123.1",
  zookeeper: `${prefix}/zookeeper:3.8`,
  mariadb: `${prefix}/mariadb:10.11`,
  postgres: `${prefix}/postgres:15`,
  cache: `${prefix}/redis:7`,
  nginx: `${prefix}/nginx:1.22`,
  git: `${prefix}/base:1`,
  zuulOperator: `${prefix}/zuul-operator:dev`,
  pulpOperator: `${prefix}/pulp-operator:dev`,
};

/** Names for `ensureImages`: every archive that the cluster needs. */
export const imageNames: readonly string[] = [
  "base",
  "zookeeper",
  "mariadb",
  "postgres",
  "redis",
  "nginx",
  "zuul",
  "pulp-minimal",
  "zuul-operator",
  "pulp-operator",
];
