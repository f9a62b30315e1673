/** Another release. */
import type { Scenario } from "./scenario.ts";

export const scenarios: readonly Scenario[] = [
  {
    operator: "zuul",
    name: "upgrade",
    meaning: "another release: executors, then mergers, then schedulers, then web and finger gateway",
    begins: "installed",
    ends: "present",
    act: (hand) => hand.edit({ spec: { version: "14.3.1" } }),
    undo: (hand) => hand.edit({ spec: { version: null } }),
  },
  {
    operator: "pulp",
    name: "upgrade",
    meaning:
      "another release: the migration runs while the old pods serve, then they roll. It cannot go back",
    begins: "installed",
    ends: "present",
    act: (hand) => hand.edit({ spec: { version: "3.123.2" } }),
  },
];
