/** Plans: which fault at which call of which scenario. Enumerated from an undisturbed trace. Pure. */
import type { Fault, Group } from "../faults/fault.ts";
import { type Call, writing } from "../proxy/call.ts";
import type { Scenario } from "../scenarios/scenario.ts";

export interface Plan {
  /** `zuul/install/kill-after/apply deployments @-web#1`: stable, and all that is needed to run it again. */
  readonly id: string;
  readonly scenario: Scenario;
  readonly fault: Fault;
  readonly key: string;
  readonly ordinal: number;
}

export interface Trace {
  readonly calls: readonly { readonly call: Call; readonly ordinal: number }[];
  /** Keys of the watches that brought events. */
  readonly heard: readonly string[];
}

/** How often the cluster reports progress is a matter of time, so later status writes and events are not the same in two runs. */
const timed = (call: Call): boolean => call.resource.endsWith("/status") || call.plural === "events";

/**
 * All plans of one scenario, in the order of the trace.
 *
 * Pruned, as these cannot differ in what they meet: reads beyond the first of each kind (they have no effect), status
 * writes and events of one reason beyond the first, events of a resource that had some before (whether one is new or
 * counted up depends on the past), and calls about the Lease (fail-over has tests of its own).
 */
export function plansOf(scenario: Scenario, trace: Trace, faults: readonly Fault[]): readonly Plan[] {
  const writes = trace.calls.filter(
    ({ call, ordinal }) =>
      writing.has(call.verb) &&
      call.plural !== "leases" &&
      (!timed(call) || ordinal === 1) &&
      (call.plural !== "events" || scenario.begins === "nothing"),
  );
  const reads = firstOfEach(
    trace.calls.filter(
      ({ call }) =>
        (call.verb === "get" || call.verb === "list" || call.verb === "dry-run") && call.plural !== "leases",
    ),
  );
  const watches = trace.heard
    .filter((key) => !key.startsWith("watch leases"))
    .toSorted()
    .map((key) => ({ key, ordinal: 1 }));
  const at = { write: writes.map(aimOf), read: reads.map(aimOf), watch: watches };
  const plans = faults.flatMap((fault) =>
    fault.hits.flatMap((hit) => at[hit].map((aim) => planOf(scenario, fault, aim))),
  );
  return [...new Map(plans.map((plan) => [plan.id, plan])).values()];
}

interface Aim {
  readonly key: string;
  readonly ordinal: number;
}

const aimOf = ({ call, ordinal }: Trace["calls"][number]): Aim => ({ key: call.key, ordinal });

function planOf(scenario: Scenario, fault: Fault, { key, ordinal }: Aim): Plan {
  const id = `${scenario.operator}/${scenario.name}/${fault.name}/${key}#${ordinal}`.replaceAll(" ", "_");
  return { id, scenario, fault, key, ordinal };
}

function firstOfEach(calls: Trace["calls"]): Trace["calls"] {
  const first = new Map<string, Trace["calls"][number]>();
  for (const one of calls) {
    const kind = `${one.call.verb} ${one.call.resource}`;
    if (!first.has(kind)) first.set(kind, one);
  }
  return [...first.values()];
}

/**
 * What differs between two undisturbed traces; nothing when the scenario is deterministic. Single reads are left out:
 * a Secret is read when its watch says that it moved, and whether a deletion is seen before or after is a matter of time.
 */
export function traceDifferences(one: Trace, other: Trace): readonly string[] {
  const [left, right] = [countsOf(one), countsOf(other)];
  return [...new Set([...left.keys(), ...right.keys()])].sort().flatMap((key) => {
    const [before = 0, after = 0] = [left.get(key), right.get(key)];
    return before === after ? [] : [`${key}: ${before} and ${after} times`];
  });
}

function countsOf({ calls }: Trace): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { call } of calls)
    if (call.plural !== "leases" && call.verb !== "watch" && call.verb !== "get" && call.plural !== "events")
      counts.set(call.key, timed(call) ? 1 : (counts.get(call.key) ?? 0) + 1);
  return counts;
}

/** At most so many plans of each fault in a group, spread evenly over their ids: the same ones each time. */
export function sampled(plans: readonly Plan[], most: Readonly<Record<Group, number>>): readonly Plan[] {
  const byFault = new Map<string, Plan[]>();
  for (const plan of plans.toSorted((a, b) => (a.id < b.id ? -1 : 1)))
    byFault.set(plan.fault.name, [...(byFault.get(plan.fault.name) ?? []), plan]);
  return [...byFault.values()].flatMap((all) => {
    const wanted = Math.min(all.length, most[all[0]?.fault.group ?? "crash"]);
    return Array.from(
      { length: wanted },
      (_, index) => all[Math.floor((index * all.length) / wanted)],
    ).filter((plan) => plan !== undefined);
  });
}

export const groups: readonly Group[] = ["crash", "error", "watch", "network"];
