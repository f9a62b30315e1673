/** Another release. */
import { installed, type Scenario, specChanged } from "./scenario.ts";

export const scenarios: readonly Scenario[] = [
  specChanged(
    "zuul",
    "upgrade",
    "another release: executors, then mergers, then schedulers, then web and finger gateway",
    { version: "14.3.1" },
    { version: null },
  ),
  installed({
    operator: "pulp",
    name: "upgrade",
    meaning:
      "another release: the migration runs while the old pods serve, then they roll. It cannot go back",
    act: (hand) => hand.edit({ spec: { version: "3.123.2" } }),
  }),
];
