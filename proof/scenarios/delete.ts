/** Deletion, and deletion with a new resource of the same name right after it. */
import { installed, type Scenario } from "./scenario.ts";

export const scenarios: readonly Scenario[] = (["zuul", "pulp"] as const).flatMap((operator): Scenario[] => [
  {
    operator,
    name: "delete",
    meaning: "the resource is deleted; what holds data stays, all else goes",
    begins: "installed",
    ends: "gone",
    act: (hand) => hand.remove(),
    undo: (hand) => hand.put(),
  },
  installed({
    operator,
    name: "recreate",
    meaning: "the resource is deleted and made again at once, while its children are still being collected",
    act: async (hand) => {
      await hand.remove();
      await hand.put();
    },
    undo: async () => undefined,
  }),
]);
