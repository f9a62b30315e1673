/**
 * Which suites of `e2e/workloads` run after each other: those of one lane change the same resources. Lanes have nothing
 * in common and run side by side; what wants silence comes after all of them.
 */

export interface Lane {
  /** As the report calls it. */
  readonly name: string;
  /** `e2e/workloads/FILE.test.ts` */
  readonly files: readonly string[];
}

export const lanes: readonly Lane[] = [
  {
    name: "a real Zuul, and Zuuls beside it",
    files: ["zuul", "zuul-drivers", "zuul-neighbours", "zuul-nodepool", "network"],
  },
  { name: "a real Pulp", files: ["pulp", "pulp-clients", "pulp-scale", "pulp-outage"] },
  { name: "Pulps beside it", files: ["pulp-upgrade", "pulp-bad-input"] },
];

export const lastly: Lane = { name: "both at rest", files: ["at-rest"] };
