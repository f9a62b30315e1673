/** Somebody else deletes or edits a child. */
import { kinds, type KindSpec } from "@zuul-pulp/k8s-core";
import { installed, type Scenario } from "./scenario.ts";

const deleted = (
  operator: Scenario["operator"],
  meaning: string,
  children: readonly (readonly [KindSpec, string])[],
): Scenario =>
  installed({
    operator,
    name: "repair-deleted",
    meaning,
    act: async (hand) => {
      for (const [kind, suffix] of children) await hand.removeChild(kind, suffix);
    },
    // The operator has brought the beginning back itself.
    undo: async () => undefined,
  });

/** Not again on the same resource: whoever edits one child over and over is named and left alone. */
const edited = (operator: Scenario["operator"], suffix: string): Scenario =>
  installed({
    operator,
    name: "repair-edited",
    meaning: "a Deployment is edited",
    act: (hand) => hand.editChild(kinds.Deployment, suffix, { spec: { replicas: 4 } }),
  });

export const scenarios: readonly Scenario[] = [
  deleted("zuul", "a StatefulSet and a Service are deleted", [
    [kinds.StatefulSet, "executor"],
    [kinds.Service, "web"],
  ]),
  edited("zuul", "web"),
  deleted("pulp", "a Deployment and a Service are deleted", [
    [kinds.Deployment, "content"],
    [kinds.Service, "api"],
  ]),
  edited("pulp", "api"),
];
