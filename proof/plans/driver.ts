/** Records a scenario twice, enumerates its plans, and runs them in several rooms side by side. I/O: the cluster. */
import type { Fault } from "../faults/fault.ts";
import type { Lab } from "../lab/lab.ts";
import { begin, leave, perform, type Stage, undo } from "../lab/run.ts";
import type { Room } from "../lab/room.ts";
import { differences, type State } from "../lab/state.ts";
import type { Evidence, Oracle, Run } from "../oracles/oracle.ts";
import { productOf } from "../lab/products.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import { type Plan, plansOf, type Trace, traceDifferences } from "./plan.ts";

export interface Verdict {
  readonly id: string;
  readonly scenario: string;
  readonly group: string;
  readonly fault: string;
  /** `missed`: the call of the plan never came. */
  readonly verdict: "survived" | "failed" | "missed";
  readonly problems: readonly string[];
  readonly ms: number;
  /** Log and calls of a run that failed or took long: for whoever looks into it. */
  readonly record?: string;
}

/** A busy machine takes seconds; what takes longer waited for something. */
const longMs = 30_000;

export interface Reference {
  readonly scenario: Scenario;
  readonly before: State;
  readonly run: Run;
  readonly trace: Trace;
  /** In what the two undisturbed runs differ, and what an oracle says of them. */
  readonly problems: readonly string[];
}

let count = 0;
/** A resource of a new name; always four letters, so that names in hashes and columns are as long. */
function newName(): string {
  count += 1;
  return `r${(count + 100).toString(36).padStart(3, "0")}`;
}

export async function openRooms(lab: Lab, operator: Scenario["operator"], rooms: number): Promise<readonly Room[]> {
  return Promise.all(Array.from({ length: rooms }, () => lab.room(productOf(operator))));
}

/** Two undisturbed runs, each with a resource of its own, in two rooms where there are two. */
export async function record(
  rooms: readonly Room[],
  scenario: Scenario,
  oracles: readonly Oracle[],
): Promise<Reference> {
  const once = async (room: Room) => {
    const stage: Stage = { room, scenario, name: newName() };
    const before = await begin(stage);
    const run = await perform(stage, before);
    const trace: Trace = { calls: run.seen, heard: [...room.proxy.heard.keys()] };
    return { stage, before, run, trace };
  };
  const [first, ...others] = rooms;
  if (first === undefined) throw new Error("no room");
  const one = await once(first);
  const heard = one.trace.heard;
  const other = await once(others[0] ?? first);
  const evidence: Evidence = { scenario, reference: one.run, run: other.run };
  const problems = [
    ...traceDifferences(one.trace, other.trace).map((text) => `two undisturbed traces differ: ${text}`),
    ...differences(one.before, other.before).map((text) => `two undisturbed beginnings differ: ${text}`),
    ...judged(oracles, evidence),
    ...judged(oracles, { ...evidence, run: one.run }),
  ];
  await Promise.all([one, other].map(({ stage }) => leave(stage)));
  return { scenario, before: one.before, run: one.run, trace: { ...one.trace, heard }, problems: [...new Set(problems)] };
}

export const enumerate = ({ scenario, trace }: Reference, faults: readonly Fault[]): readonly Plan[] =>
  plansOf(scenario, trace, faults);

/** Runs plans until none is left; each room takes the next one. */
export async function runPlans(
  rooms: readonly Room[],
  reference: Reference,
  plans: readonly Plan[],
  oracles: readonly Oracle[],
  onVerdict: (verdict: Verdict) => void,
): Promise<void> {
  const queue = [...plans];
  await Promise.all(
    rooms.map(async (room) => {
      let home: Home | undefined;
      for (let plan = queue.shift(); plan !== undefined; plan = queue.shift()) {
        const outcome = await runPlan(room, reference, plan, oracles, home);
        home = outcome.home;
        onVerdict(outcome.verdict);
      }
      if (home !== undefined) await leave(home.stage);
    }),
  );
}

/** A settled resource that the next plan can begin with. */
interface Home {
  readonly stage: Stage;
  readonly state: State;
}

async function runPlan(
  room: Room,
  reference: Reference,
  plan: Plan,
  oracles: readonly Oracle[],
  home: Home | undefined,
): Promise<{ verdict: Verdict; home: Home | undefined }> {
  const startedMs = performance.now();
  const { scenario } = reference;
  const stage = home?.stage ?? { room, scenario, name: newName() };
  const problems: string[] = [];
  let hasStruck = false;
  let record = "";
  let next: Home | undefined;
  try {
    const before = home?.state ?? (await begin(stage, scenario.begins === "installed" ? reference.before : undefined));
    const actedMs = performance.now();
    const run = await perform(stage, before, reference.run.after, plan);
    hasStruck = run.seen.some(({ fault }) => fault !== undefined) || plan.fault.line !== undefined;
    problems.push(...judged(oracles, { scenario, reference: reference.run, run }));
    if (problems.length > 0 || performance.now() - actedMs > longMs) record = recordOf(run);
    if (problems.length === 0 && scenario.undo !== undefined) {
      const back = await undo(stage, reference.before);
      problems.push(...back.unsettled.map((text) => `on the way back: ${text}`));
      if (back.unsettled.length === 0) next = { stage, state: back.state };
    }
  } catch (error) {
    problems.push(`broke off: ${error instanceof Error ? error.message.slice(0, 600) : String(error)}`);
  }
  if (next === undefined) await leave(stage).catch(() => undefined);
  return {
    home: next,
    verdict: {
      id: plan.id,
      scenario: `${scenario.operator}/${scenario.name}`,
      group: plan.fault.group,
      fault: plan.fault.name,
      verdict: problems.length > 0 ? "failed" : hasStruck ? "survived" : "missed",
      problems,
      ms: Math.round(performance.now() - startedMs),
      ...(record === "" ? {} : { record }),
    },
  };
}

/** What was asked and what was said, line by line. */
function recordOf({ seen, log, stray, unsettled }: Run): string {
  const calls = seen.map(({ call, ordinal, status, fault = "", atMs }) =>
    [`${(atMs / 1000).toFixed(3)} s`, String(status), `${call.key}#${ordinal}`, fault].join(" "),
  );
  return [...unsettled, ...calls, ...log.map((line) => JSON.stringify(line)), stray].join("\n");
}

function judged(oracles: readonly Oracle[], evidence: Evidence): readonly string[] {
  return oracles.flatMap(({ name, judge }) => judge(evidence).map((text) => `${name}: ${text}`));
}
