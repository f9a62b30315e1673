/** Records a scenario twice, enumerates its plans, and runs them in several rooms side by side. I/O: the cluster. */
import type { Fault } from "../faults/fault.ts";
import type { Lab } from "../lab/lab.ts";
import { begin, cleared, leave, perform, type Stage, undo } from "../lab/run.ts";
import type { Room } from "../lab/room.ts";
import { differences, type State } from "../lab/state.ts";
import type { Evidence, Oracle, Run } from "../oracles/oracle.ts";
import { productOf } from "../lab/products.ts";
import type { Entry } from "../ledger.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import { type Plan, plansOf, type Trace, traceDifferences } from "./plan.ts";

/** A line of the ledger to be. */
export interface Verdict extends Omit<Entry, "suite"> {
  readonly scenario: string;
  readonly group: string;
  readonly fault: string;
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
  /** Log and calls of both, when there are problems. */
  readonly record?: string;
}

let count = 0;
/** A resource of a new name; always four letters, so that names in hashes and columns are as long. */
function newName(): string {
  count += 1;
  return `r${(count + 100).toString(36).padStart(3, "0")}`;
}

export async function openRooms(
  lab: Lab,
  operator: Scenario["operator"],
  rooms: number,
): Promise<readonly Room[]> {
  return Promise.all(Array.from({ length: rooms }, () => lab.room(productOf(operator))));
}

/** Two undisturbed runs side by side, in two rooms where there are two. */
export async function record(
  rooms: readonly Room[],
  scenario: Scenario,
  oracles: readonly Oracle[],
): Promise<Reference> {
  const once = async (room: Room) => {
    const { stage, before } = await atHome(room, scenario);
    await cleared(room);
    const run = await perform(stage, before);
    const trace: Trace = { calls: run.seen, heard: run.heard };
    const back = await goBack(stage, before);
    return { before, run, trace, back };
  };
  const [first, second] = rooms;
  if (first === undefined) throw new Error("no room");
  const [one, other] =
    second === undefined
      ? [await once(first), await once(first)]
      : await Promise.all([once(first), once(second)]);
  const evidence: Evidence = { scenario, reference: one.run, run: other.run };
  const problems = [
    ...traceDifferences(one.trace, other.trace).map((text) => `two undisturbed traces differ: ${text}`),
    ...differences(one.before, other.before).map((text) => `two undisturbed beginnings differ: ${text}`),
    ...judged(oracles, evidence),
    ...judged(oracles, { ...evidence, run: one.run }),
    ...[...one.back, ...other.back].map((text) => `on the way back: ${text}`),
  ];
  return {
    scenario,
    before: one.before,
    run: one.run,
    trace: one.trace,
    problems: [...new Set(problems)],
    ...(problems.length === 0 ? {} : { record: [one.run, other.run].map(recordOf).join("\n\n") }),
  };
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
      for (let plan = queue.shift(); plan !== undefined; plan = queue.shift())
        onVerdict(await runPlan(room, reference, plan, oracles));
    }),
  );
}

/** A settled resource in a room, for the next scenario or plan that begins with one. */
interface Home {
  readonly name: string;
  readonly state: State;
  /** The scenario that it was prepared for. */
  readonly prepared?: string;
}

const homes = new WeakMap<Room, Home>();

/** Where a run begins: on the settled resource of the room, else on a new one, else on nothing. */
async function atHome(
  room: Room,
  scenario: Scenario,
  wanted?: State,
): Promise<{ stage: Stage; before: State }> {
  const prepared = scenario.prepare === undefined ? undefined : scenario.name;
  const known = scenario.begins === "installed" ? homes.get(room) : undefined;
  if (known !== undefined && known.prepared === prepared)
    return { stage: { room, scenario, name: known.name }, before: known.state };
  const isPlain = known !== undefined && known.prepared === undefined;
  if (known !== undefined && !isPlain) {
    await leave({ room, scenario, name: known.name });
    homes.delete(room);
  }
  const stage: Stage = { room, scenario, name: isPlain ? known.name : newName() };
  const before = await begin(stage, wanted);
  if (scenario.begins === "installed")
    homes.set(room, { name: stage.name, state: before, ...(prepared === undefined ? {} : { prepared }) });
  return { stage, before };
}

/** Brings the beginning back for the next run, or gives the resource up. @returns what did not come back */
async function goBack(stage: Stage, wanted: State): Promise<readonly string[]> {
  const { room, scenario } = stage;
  const home = homes.get(room);
  if (scenario.undo === undefined || home?.name !== stage.name) {
    await giveUp(stage);
    return [];
  }
  const { state, unsettled } = await undo(stage, wanted);
  if (unsettled.length > 0) await giveUp(stage);
  else homes.set(room, { ...home, state });
  return unsettled;
}

async function giveUp(stage: Stage): Promise<void> {
  if (homes.get(stage.room)?.name === stage.name) homes.delete(stage.room);
  await leave(stage);
}

async function runPlan(
  room: Room,
  reference: Reference,
  plan: Plan,
  oracles: readonly Oracle[],
): Promise<Verdict> {
  const startedMs = performance.now();
  const { scenario } = reference;
  const problems: string[] = [];
  let hasStruck = false;
  let record = "";
  try {
    const { stage, before } = await atHome(
      room,
      scenario,
      scenario.begins === "installed" ? reference.before : undefined,
    );
    const actedMs = performance.now();
    const run = await perform(stage, before, reference.run.after, plan);
    hasStruck = run.hasStruck;
    problems.push(...judged(oracles, { scenario, reference: reference.run, run }));
    if (problems.length > 0 || performance.now() - actedMs > longMs) record = recordOf(run);
    if (problems.length > 0) await giveUp(stage);
    else problems.push(...(await goBack(stage, reference.before)).map((text) => `on the way back: ${text}`));
  } catch (error) {
    problems.push(`broke off: ${error instanceof Error ? error.message.slice(0, 600) : String(error)}`);
    const home = scenario.begins === "installed" ? homes.get(room) : undefined;
    if (home !== undefined) await giveUp({ room, scenario, name: home.name }).catch(() => undefined);
  }
  return {
    id: plan.id,
    scenario: `${scenario.operator}/${scenario.name}`,
    group: plan.fault.group,
    fault: plan.fault.name,
    verdict: problems.length > 0 ? "failed" : hasStruck ? "survived" : "missed",
    problems,
    ms: Math.round(performance.now() - startedMs),
    ...(record === "" ? {} : { record }),
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
