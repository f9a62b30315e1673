/**
 * An hour of churn with a fault each minute. After each minute everything is as it was before it, so no event was
 * missed; at the end memory is what it was at the beginning, and a new process finds nothing to write.
 */
import { childrenOf, isKeptAsApplied, mayBeDeleted } from "../../e2e/lab/children.ts";
import { eventually, gone } from "../../e2e/lab/look.ts";
import { residentMb } from "../../e2e/lab/usage.ts";
import { allFaults, type Fault } from "../faults/fault.ts";
import type { Lab } from "../lab/lab.ts";
import { productOf } from "../lab/products.ts";
import type { Room } from "../lab/room.ts";
import { handOf, rested } from "../lab/run.ts";
import { differences, type State, stateOf } from "../lab/state.ts";
import { type Verb, writing } from "../proxy/call.ts";
import type { Aim } from "../proxy/proxy.ts";
import { type Check, check, type Suite } from "./suite.ts";

const minuteMs = 60_000;
const patienceMs = 120_000;
/** Of resident memory, between the first and the last sixth; a heap breathes by that much. */
const growth = 1.1;

export const suite: Suite = {
  name: "soak",
  meaning: "an hour of churn with a fault each minute: nothing missed, memory flat",
  short: { count: 2, minutes: 1 },
  run: async (lab, report, operators, { count = 10, minutes = 60 }) => {
    await Promise.all(operators.map((operator) => soak(lab, report, operator, count, minutes)));
  },
};

async function soak(
  lab: Lab,
  report: (check: Check) => void,
  operator: "zuul" | "pulp",
  count: number,
  minutes: number,
): Promise<void> {
  const room = await lab.room(productOf(operator));
  await room.leads();
  const names = Array.from({ length: count }, (_, number) => `soak${number}`);
  await Promise.all(names.map((name) => handOf({ room, name }).put()));
  const wanted: State[] = [];
  for (const name of names) wanted.push((await rested({ room, name })).state);
  const keys = await whatToHit(room, names);
  const faults = (await allFaults()).filter(({ group }) => group !== "crash");
  const memory: number[] = [];
  const total = { acts: 0, struck: 0, refused: 0 };

  await check(report, `${operator}/${minutes} minutes of churn`, async () => {
    const problems: string[] = [];
    for (let minute = 0; minute < minutes; minute += 1) {
      const fault = faults[minute % faults.length];
      const targets = fault?.hits.flatMap((hit) => keys[hit]) ?? [];
      const key = targets[minute % Math.max(1, targets.length)];
      const victim = names[minute % names.length] ?? "";
      const aim: Aim | undefined =
        fault === undefined || key === undefined ? undefined : { fault, key, ordinal: 1 };
      room.proxy.begin(victim, aim);
      total.acts += await churn(room, names, victim, minute);
      const wrong = await backAsBefore(room, names, wanted);
      total.refused += room.proxy.seen.filter(({ status }) => status === 429).length;
      if (room.proxy.hasStruck) total.struck += 1;
      problems.push(
        ...wrong.map((text) => `minute ${minute}, ${fault?.name ?? "no fault"} at ${key}: ${text}`),
      );
      memory.push(Math.round(await residentMb(room.operator.pid)));
      lab.log(
        `${operator}: minute ${minute + 1} of ${minutes}, ${fault?.name} at ${key}, ${memory.at(-1)} MB`,
      );
    }
    if (total.refused > 0) problems.push(`${total.refused} requests were answered 429`);
    if (room.processes.length > 1) problems.push(`the process ended ${room.processes.length - 1} times`);
    const figure = `${total.acts} changes to ${count} resources, ${total.struck} faults met, the same process`;
    return { problems, figure };
  });

  const sixth = Math.floor(memory.length / 6);
  // A few minutes say nothing of memory: what is made once, such as compiled code, comes in the first sixth.
  if (sixth > 0)
    await check(report, `${operator}/memory over ${minutes} minutes`, async () => {
      const [first, last] = [median(memory.slice(sixth, 2 * sixth)), median(memory.slice(-sixth))];
      const problems = last > first * growth ? [`${first} MB became ${last} MB`] : [];
      return {
        problems,
        figure: `${first} MB after ${sixth} to ${2 * sixth} minutes, ${last} MB at the end`,
      };
    });

  await check(report, `${operator}/a restart after ${minutes} minutes`, async () => {
    room.proxy.begin("");
    await room.kill();
    await room.leads();
    await eventually(async () => room.proxy.quietMs > 3000, patienceMs);
    const written = room.proxy.seen.filter(({ call }) => writing.has(call.verb) && call.plural !== "leases");
    return { problems: written.map(({ call }) => `it wrote ${call.key}`), figure: "writes nothing" };
  });
  await room[Symbol.asyncDispose]();
}

/** Calls about one resource that any minute brings. A killed process would begin with new memory: plans kill. */
async function whatToHit(
  room: Room,
  [name = ""]: readonly string[],
): Promise<Readonly<Record<Fault["hits"][number], readonly string[]>>> {
  room.proxy.begin(name);
  for (let turn = 0; turn < 6; turn += 1) {
    await act(room, name, turn);
    await eventually(async () => room.proxy.quietMs > 1000, patienceMs);
  }
  const calls = room.proxy.seen.filter(({ call }) => call.plural !== "leases" && call.plural !== "events");
  const keysOf = (isMeant: (verb: Verb) => boolean): readonly string[] => [
    ...new Set(calls.filter(({ call }) => isMeant(call.verb)).map(({ call }) => call.key)),
  ];
  const watch = [...room.proxy.heard.keys()].filter((key) => !key.startsWith("watch leases"));
  return {
    watch,
    write: keysOf((verb) => writing.has(verb)),
    read: keysOf((verb) => verb === "get" || verb === "list"),
  };
}

/** Changes until the minute is over, each a second after the one before. @returns how many */
async function churn(room: Room, names: readonly string[], victim: string, minute: number): Promise<number> {
  const endMs = performance.now() + minuteMs;
  let acts = 0;
  for (; performance.now() < endMs; acts += 1) {
    const name = acts % 3 === 0 ? victim : (names[acts % names.length] ?? victim);
    await act(room, name, minute + acts);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  await remade(room, names[(minute + 1) % names.length] ?? victim);
  return acts + 1;
}

/** The spec changes, a child is deleted, or somebody else changes one. */
async function act({ admin, product, namespace }: Room, name: string, turn: number): Promise<void> {
  if (turn % 3 === 0) {
    await admin.mergePatch(product.resource, namespace, name, product.edit(Math.floor(turn / 3)), {
      fieldManager: "somebody",
    });
    return;
  }
  const children = (await childrenOf(admin, product.operator, namespace, name)).filter(
    (child) => mayBeDeleted(child) && isKeptAsApplied(child, product.app),
  );
  // One after the other: whoever changes the same child again and again is told so, and let be.
  const child = children[Math.floor(turn / 3) % Math.max(1, children.length)];
  if (child === undefined) return;
  const { kind, live } = child;
  if (turn % 3 === 1)
    await admin.delete(kind, namespace, { name: live.metadata.name, uid: live.metadata.uid });
  else {
    const labels = { "app.kubernetes.io/managed-by": `somebody-${turn}` };
    await admin.mergePatch(
      kind,
      namespace,
      live.metadata.name,
      { metadata: { labels } },
      {
        fieldManager: "somebody-else",
      },
    );
  }
}

/** Deleted, and made again as it was. */
async function remade(room: Room, name: string): Promise<void> {
  const { admin, product, namespace } = room;
  const live = await admin.get(product.resource, namespace, name);
  await handOf({ room, name }).remove();
  if (live !== undefined) await gone(admin, product.resource, namespace, name, live.metadata.uid, patienceMs);
  await handOf({ room, name }).put();
}

/** The specs of the beginning again. @returns what does not come back */
async function backAsBefore(
  room: Room,
  names: readonly string[],
  wanted: readonly State[],
): Promise<readonly string[]> {
  const { admin, product, namespace, proxy } = room;
  for (const name of names)
    await admin.mergePatch(product.resource, namespace, name, product.edit(0), { fieldManager: "somebody" });
  const look = async (): Promise<readonly string[]> => {
    const found = await Promise.all(names.map((name) => stateOf({ admin, product, namespace, name })));
    return found.flatMap((state, index) => {
      const before = wanted[index];
      const text = before === undefined ? [] : differences(before, state);
      return [...text, ...state.rolling.map((id) => `${id} is rolling`)].map(
        (one) => `${names[index]}: ${one}`,
      );
    });
  };
  let wrong: readonly string[] = [];
  const isBack = async (): Promise<boolean> => {
    wrong = proxy.quietMs < 500 ? ["it is still busy"] : await look();
    return wrong.length === 0;
  };
  return eventually(isBack, patienceMs).then(
    () => [],
    () => wrong.slice(0, 3),
  );
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
