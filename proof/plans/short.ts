/** The plans that run in every gate: of each fault some calls, and whatever once failed. Data. */
import { found } from "./found.ts";
import type { Plan } from "./plan.ts";

const scenarios: readonly string[] = [
  "zuul/rotate",
  "zuul/scale-up",
  "pulp/change-setting",
  "pulp/repair-deleted",
];
const once = new Set(found.map(({ id }) => id));

export const short = {
  scenarios,
  /** Each fault once per scenario, at its first call, but none that waits for long; and all that was found. */
  isMeant: (plan: Plan, all: readonly Plan[]): boolean =>
    once.has(plan.id) ||
    (plan.fault.patienceMs === undefined && all.find(({ fault }) => fault === plan.fault) === plan),
};
