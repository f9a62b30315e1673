/** Runs one scenario in one room, with or without a fault, and gathers the evidence. I/O: the cluster. */
import { kinds, type KindSpec } from "@zuul-pulp/k8s-core";
import type { LiveObject } from "@zuul-pulp/k8s-core/model";
import { conditionOf, eventually, field, until } from "../../e2e/lab/look.ts";
import { person } from "../../e2e/lab/person.ts";
import { isCarriedOut } from "../../e2e/lab/rest.ts";
import type { Run } from "../oracles/oracle.ts";
import type { Aim, Seen } from "../proxy/proxy.ts";
import type { Hand, Scenario } from "../scenarios/scenario.ts";
import { requestedAtAnnotation } from "./masks.ts";
import type { Room } from "./room.ts";
import { differences, leftovers, type State, stateOf, sweep } from "./state.ts";

const quietMs = 300;
const referenceQuietMs = 2500;
const patienceMs = 90_000;

interface Place {
  readonly room: Room;
  /** Of the custom resource. */
  readonly name: string;
}

export interface Stage extends Place {
  readonly scenario: Scenario;
}

/** Runs the act of a scenario. @param wanted end of the undisturbed run; absent: this is one */
export async function perform(stage: Stage, before: State, wanted?: State, aim?: Aim): Promise<Run> {
  const { room, scenario, name } = stage;
  const processes = room.processes.length - 1;
  const firstLine = room.operator.lines.length;
  const strayBefore = room.operator.stray.length;
  room.proxy.begin(name, aim);
  await scenario.act(handOf(stage));
  const { state, unsettled } = await settled(stage, scenario.ends, wanted, aim?.fault.patienceMs);
  // A process that was just started has not looked yet; its first pass belongs to the scenario.
  const from = room.processes.length - 1 > processes ? 0 : firstLine;
  if (unsettled.length === 0 && scenario.ends === "present") await passedBy(room, name, from);
  while (room.proxy.quietMs < quietMs) await pause(50);
  const seen = [...room.proxy.seen];
  const heard = [...room.proxy.heard.keys()];
  const { hasStruck } = room.proxy;
  const isOver = unsettled.length > 0 || scenario.ends === "gone";
  const end = isOver ? { state, unsettled } : await confirmed(stage, wanted ?? state);
  const atRest = end.unsettled.length > 0 ? [] : await callsAtRest(stage);
  const own = room.processes.slice(processes);
  return {
    before,
    after: end.state,
    unsettled: end.unsettled,
    seen,
    heard,
    hasStruck,
    atRest,
    log: own.flatMap(({ lines }, index) => lines.slice(index === 0 ? firstLine : 0)),
    stray: own.map(({ stray }, index) => stray.slice(index === 0 ? strayBefore : 0)).join(""),
  };
}

/** Brings a resource to where an `installed` scenario begins; nothing to do for others. */
export async function begin(stage: Stage, wanted?: State): Promise<State> {
  const { room, scenario, name } = stage;
  await room.leads();
  room.proxy.begin(name);
  if (scenario.begins === "installed") {
    await handOf(stage).put();
    // A second word before the first is done is allowed, and one wait less.
    await scenario.prepare?.(handOf(stage));
    const { state, unsettled } = await rested(stage, wanted);
    if (unsettled.length > 0) throw new Error(`${name} did not settle: ${unsettled.join("; ")}`);
    return state;
  }
  return stateOf({ ...room, name });
}

/** Brings the beginning back. @returns what is not as it was */
export async function undo(stage: Stage, wanted: State): Promise<Settled> {
  const { room, scenario, name } = stage;
  room.proxy.begin(name);
  await scenario.undo?.(handOf(stage));
  return rested(stage, wanted);
}

/** Until nothing goes any more of what was here before: a trace is of one resource. */
export async function cleared(room: Room): Promise<void> {
  let left: readonly string[] = [];
  const isClear = async (): Promise<boolean> => (left = await leftovers(room)).length === 0;
  await eventually(isClear).catch((cause: unknown) => {
    throw new Error(`nobody collects ${left.join(", ")}`, { cause });
  });
}

export async function leave({ room, name }: Stage): Promise<void> {
  await sweep({ ...room, name });
}

interface Settled {
  readonly state: State;
  /** Why it is not. */
  readonly unsettled: readonly string[];
}

/** Until nothing moves any more, also after one more pass. @param wanted absent: whatever it is then */
export async function rested(stage: Place, wanted?: State): Promise<Settled> {
  const first = await settled(stage, "present", wanted);
  return first.unsettled.length > 0 ? first : confirmed(stage, wanted ?? first.state);
}

/**
 * Still settled after a whole pass. On a busy machine the status from before the act may stand there until the end of a
 * pass that has already applied everything.
 */
async function confirmed(stage: Place, wanted: State): Promise<Settled> {
  const { room, name } = stage;
  const { admin, namespace, product } = room;
  room.proxy.begin(name);
  const asked = `proof ${performance.now()}`;
  const request = { metadata: { annotations: { [requestedAtAnnotation]: asked } } };
  await admin.mergePatch(product.resource, namespace, name, request, person);
  const isAnswered = (live: LiveObject): boolean => field(live, "status", "lastHandledReconcileAt") === asked;
  await until(admin, product.resource, namespace, name, isAnswered, patienceMs);
  return settled(stage, "present", wanted);
}

async function settled(
  { room, name }: Place,
  ends: Scenario["ends"],
  wanted: State | undefined,
  moreMs = 0,
): Promise<Settled> {
  const endMs = performance.now() + patienceMs + moreMs;
  const place = { ...room, name };
  let why: readonly string[] = ["nothing happened"];
  let last: State | undefined;
  while (performance.now() < endMs) {
    await pause(100);
    if (room.proxy.quietMs < (wanted === undefined ? referenceQuietMs : quietMs)) continue;
    const live = await room.admin.get(room.product.resource, room.namespace, name);
    const isThere = ends === "gone" ? live === undefined : isCarriedOut(live);
    if (!isThere) {
      why = [
        ends === "gone"
          ? "the resource is still there"
          : `Ready is ${String(conditionOf(live, "Ready", "reason"))}: ${String(conditionOf(live, "Ready", "message"))}`,
      ];
      await pause(100);
      continue;
    }
    const state = await stateOf(place);
    if (ends === "present" && state.rolling.length > 0) {
      why = state.rolling.map((id) => `${id} is rolling`);
      await pause(200);
      continue;
    }
    // Garbage is collected by somebody else: it has ended when nothing goes any more.
    const isSteady = last !== undefined && differences(last, state).length === 0;
    last = state;
    if (wanted === undefined) {
      if (isSteady) return { state, unsettled: [] };
      await pause(1500);
      continue;
    }
    why = differences(wanted, state);
    if (why.length === 0) return { state, unsettled: [] };
    await pause(300);
  }
  return {
    state: last ?? (await stateOf(place)),
    unsettled: why.map((one) => `after ${Math.round((patienceMs + moreMs) / 1000)} s: ${one}`),
  };
}

/** Asks for a pass, and gives what it sent. */
async function callsAtRest({ room, scenario, name }: Stage): Promise<readonly Seen[]> {
  room.proxy.begin(name);
  if (scenario.ends === "present") {
    const { operator } = room;
    const from = operator.lines.length;
    const touched = { metadata: { annotations: { "proof.zuul-pulp.io/touched": String(from) } } };
    await room.admin.mergePatch(room.product.resource, room.namespace, name, touched, person);
    await passedBy(room, name, from);
  }
  while (room.proxy.quietMs < 200) await pause(50);
  return room.proxy.seen.filter(({ call }) => call.verb !== "watch" && call.plural !== "leases");
}

/** Until a pass is over: of the process that runs, or of the next one if that ends first. */
async function passedBy(room: Room, name: string, from: number): Promise<void> {
  const { operator } = room;
  try {
    await operator.line(passedOver(name), from);
  } catch {
    // The next one is started a moment after the end of this one.
    await eventually(async () => room.operator !== operator, patienceMs);
    await room.operator.line(passedOver(name));
  }
}

/** The end of a pass over this resource, whatever came of it. */
const passedOver =
  (name: string) =>
  (line: unknown): boolean =>
    field(line, "name") === name && ["passed", "applied"].includes(String(field(line, "msg")));

/** What a person may do there. */
export function handOf({ room, name }: Place): Hand {
  const { admin, namespace, product } = room;
  const own = { ...person };
  const write = async (kind: KindSpec, object: string, members: object): Promise<void> => {
    const metadata = { name: object, namespace };
    const manifest = { apiVersion: kind.apiVersion, kind: kind.kind, metadata, ...members };
    await admin.apply(kind, namespace, manifest, own);
  };
  return {
    name,
    put: async () => {
      const manifest = product.manifest(name);
      await admin.apply(product.resource, namespace, { ...manifest, metadata: { name, namespace } }, own);
    },
    edit: async (patch) => {
      await admin.mergePatch(product.resource, namespace, name, patch, own);
    },
    remove: async () => {
      const live = await admin.get(product.resource, namespace, name);
      if (live !== undefined)
        await admin.delete(product.resource, namespace, { name, uid: live.metadata.uid });
    },
    secret: (secret, stringData) => write(kinds.Secret, secret, { stringData }),
    configMap: (map, data) => write(kinds.ConfigMap, map, { data }),
    removeChild: async (kind, suffix) => {
      const live = await admin.get(kind, namespace, `${name}-${suffix}`);
      if (live === undefined) throw new Error(`there is no ${kind.kind} ${name}-${suffix}`);
      await admin.delete(kind, namespace, { name: live.metadata.name, uid: live.metadata.uid });
    },
    editChild: async (kind, suffix, patch) => {
      await admin.mergePatch(kind, namespace, `${name}-${suffix}`, patch, { fieldManager: "somebody-else" });
    },
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
