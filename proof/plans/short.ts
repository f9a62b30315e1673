/** The plans that run in every gate: each fault once for each operator, and whatever once failed. Data. */
import type { Group } from "../faults/fault.ts";
import { found } from "./found.ts";
import type { Plan } from "./plan.ts";

/** Scenario → the faults that are tried on it. */
const groups: Readonly<Record<string, readonly Group[]>> = {
  "zuul/rotate": ["crash", "error"],
  "zuul/scale-up": ["watch", "network"],
  "pulp/repair-deleted": ["crash", "error"],
  "pulp/change-setting": ["watch", "network"],
  "zuul/install": [],
};

export const short = {
  scenarios: Object.keys(groups),
  /** Each fault at its first call, but none that waits for long; and all that was found. */
  isMeant: ({ id, fault, scenario }: Plan, all: readonly Plan[]): boolean => {
    const meant = groups[`${scenario.operator}/${scenario.name}`] ?? [];
    const isFirst = all.find((other) => other.fault === fault)?.id === id;
    return (
      found.some((one) => one.id === id) ||
      (meant.includes(fault.group) && isFirst && fault.patienceMs === undefined)
    );
  },
};
