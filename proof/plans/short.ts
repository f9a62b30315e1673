/** The plans that run in every gate: one scenario of each sort, and of each fault the calls that matter most. Data. */
import type { Plan } from "./plan.ts";

const scenarios: readonly string[] = ["zuul/rotate", "zuul/scale-up", "pulp/rotate", "pulp/repair-deleted"];

export const short = {
  scenarios,
  /** Each fault once per scenario, at its first call; never those that wait for minutes. */
  isMeant: (plan: Plan, all: readonly Plan[]): boolean =>
    plan.fault.patienceMs === undefined && all.find(({ fault }) => fault === plan.fault) === plan,
};
