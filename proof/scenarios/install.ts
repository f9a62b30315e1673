/** The first install, from the resource to the last child. */
import type { Scenario } from "./scenario.ts";

export const install = (operator: Scenario["operator"]): Scenario => ({
  operator,
  name: "install",
  meaning: "a resource with every part is created in a namespace that has none",
  begins: "nothing",
  ends: "present",
  act: (hand) => hand.put(),
});

export const scenarios: readonly Scenario[] = [install("zuul"), install("pulp")];
