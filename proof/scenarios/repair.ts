/** Somebody else deletes or edits a child. */
import { kinds } from "@zuul-pulp/k8s-core";
import type { Scenario } from "./scenario.ts";

const repair = (
  operator: Scenario["operator"],
  name: string,
  meaning: string,
  act: Scenario["act"],
): Scenario => ({
  operator,
  name,
  meaning,
  begins: "installed",
  ends: "present",
  act,
});

/** The operator has brought the beginning back itself. */
const again = { undo: async () => undefined };

export const scenarios: readonly Scenario[] = [
  {
    ...repair("zuul", "repair-deleted", "a StatefulSet and a Service are deleted", async (hand) => {
      await hand.removeChild(kinds.StatefulSet, "executor");
      await hand.removeChild(kinds.Service, "web");
    }),
    ...again,
  },
  // Not again on the same resource: whoever edits one child over and over is named and left alone.
  repair("zuul", "repair-edited", "a Deployment is edited", (hand) =>
    hand.editChild(kinds.Deployment, "web", { spec: { replicas: 4 } }),
  ),
  {
    ...repair("pulp", "repair-deleted", "a Deployment and a Service are deleted", async (hand) => {
      await hand.removeChild(kinds.Deployment, "content");
      await hand.removeChild(kinds.Service, "api");
    }),
    ...again,
  },
  repair("pulp", "repair-edited", "a Deployment is edited", (hand) =>
    hand.editChild(kinds.Deployment, "api", { spec: { replicas: 4 } }),
  ),
];
