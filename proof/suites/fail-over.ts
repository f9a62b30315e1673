/** Two processes, one Lease: who writes when, seen by a proxy in front of each. */
import { kinds, leaseName } from "@zuul-pulp/k8s-core";
import { eventually } from "../../e2e/lab/look.ts";
import { person } from "../../e2e/lab/person.ts";
import { says } from "../lab/process.ts";
import { productOf } from "../lab/products.ts";
import type { Replica, Room } from "../lab/room.ts";
import { writing } from "../proxy/call.ts";
import type { Seen } from "../proxy/proxy.ts";
import { check, type Suite } from "./suite.ts";

const unplannedMs = 17_000;
const plannedMs = 3000;
/** A Lease that is taken earlier than it runs out was given back. */
const leaseMs = 15_000;

export const suite: Suite = {
  name: "fail-over",
  meaning: "a leader that is killed, stopped, continued or robbed of its Lease: no two write at once",
  short: { isShort: true },
  run: async (lab, report, operators, { isShort = false }) => {
    for (const operator of operators) {
      const room = await lab.room(productOf(operator), { replicas: 2 });
      const [a, b] = room.replicas;
      if (a === undefined || b === undefined) throw new Error("two replicas");
      let [leader, standby] = [a, b];
      const swap = (): void => void ([leader, standby] = [standby, leader]);
      await Promise.any([leader, standby].map((one) => one.operator.line(says("leading"))));
      if (!leader.operator.lines.some(says("leading"))) swap();
      await room.admin.apply(room.product.resource, room.namespace, named(room, "one"), person);
      await eventually(async () => leader.proxy.quietMs > 1500, 90_000);
      let edits = 0;
      /** A change that the leader must answer with a write. */
      const edit = async (): Promise<void> => {
        edits += 1;
        await room.admin.mergePatch(
          room.product.resource,
          room.namespace,
          "one",
          room.product.edit(edits),
          person,
        );
      };
      const begin = (): void => {
        for (const one of room.replicas) one.proxy.begin("one");
      };
      /** Until the standby writes a child; milliseconds from now. */
      const takesOver = async (withinMs: number): Promise<number> => {
        const startedMs = performance.now();
        await standby.operator.line(says("leading"), 0, withinMs);
        const took = performance.now() - startedMs;
        await edit();
        await eventually(async () => writesOf(standby.proxy.seen).length > 0, 60_000);
        return took;
      };
      // Beside everything else that a gate does at once, a clock tells of the machine, not of the operator.
      const limits = isShort
        ? { unplanned: Number.POSITIVE_INFINITY, planned: leaseMs }
        : { unplanned: unplannedMs, planned: plannedMs };
      const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

      await check(report, `${operator}/killed-leader`, async () => {
        begin();
        await leader.end("SIGKILL");
        const took = await takesOver(60_000);
        const problems = [
          ...tooLate(took, limits.unplanned),
          ...overlap(leader.proxy.seen, standby.proxy.seen),
        ];
        leader.start();
        swap();
        return { problems, figure: `${seconds(took)} (at most 17 s)` };
      });

      await check(report, `${operator}/planned`, async () => {
        await standby.operator.line(says("started"));
        begin();
        const startedMs = performance.now();
        await Promise.all([leader.end("SIGTERM"), standby.operator.line(says("leading"), 0, 60_000)]);
        const took = performance.now() - startedMs;
        await edit();
        await eventually(async () => writesOf(standby.proxy.seen).length > 0, 60_000);
        const problems = [
          ...tooLate(took, limits.planned),
          ...overlap(leader.proxy.seen, standby.proxy.seen),
        ];
        leader.start();
        swap();
        return { problems, figure: `${seconds(took)} (at most 3 s)` };
      });

      if (isShort) {
        await room[Symbol.asyncDispose]();
        continue;
      }

      await check(report, `${operator}/stopped-and-continued`, async () => {
        await standby.operator.line(says("started"));
        begin();
        process.kill(leader.operator.pid, "SIGSTOP");
        await takesOver(60_000);
        leader.proxy.begin("one");
        const continued = leader.operator;
        process.kill(continued.pid, "SIGCONT");
        await edit();
        await continued.ended;
        const problems = writesOf(leader.proxy.seen).map(
          ({ call }) => `the continued leader wrote ${call.key}`,
        );
        leader.start();
        swap();
        return { problems, figure: "no write" };
      });

      await check(report, `${operator}/lease-deleted`, async () => {
        await standby.operator.line(says("started"));
        begin();
        // Who has never seen the Lease cannot know that one was there.
        const isWatching = ({ call }: Seen): boolean => call.plural === "leases" && call.verb === "watch";
        await eventually(async () => standby.proxy.seen.some(isWatching), 30_000);
        const lease = await room.admin.get(kinds.Lease, room.namespace, leaseName(room.product.app));
        if (lease === undefined) throw new Error("there is no Lease");
        await room.admin.delete(kinds.Lease, room.namespace, {
          name: lease.metadata.name,
          uid: lease.metadata.uid,
        });
        await edit();
        await renewedLong(leader);
        await edit();
        await eventually(async () => leader.proxy.quietMs > 1000, 30_000);
        return { problems: wroteBeside(standby), figure: "the leader makes it again, and leads on" };
      });

      // A release looks otherwise than a Lease that somebody emptied: of that its holder has not heard.
      for (const [name, holderIdentity] of [
        ["lease-of-another", "somebody_else"],
        ["lease-emptied", ""],
      ])
        await check(report, `${operator}/${name}`, async () => {
          await standby.operator.line(says("started"));
          begin();
          const robbed = { spec: { holderIdentity } };
          await room.admin.mergePatch(
            kinds.Lease,
            room.namespace,
            leaseName(room.product.app),
            robbed,
            person,
          );
          await leader.operator.ended;
          const after = performance.now();
          await edit();
          await standby.operator.line(says("leading"), 0, 60_000);
          await edit();
          await eventually(async () => writesOf(standby.proxy.seen).length > 0, 60_000);
          const late = writesOf(leader.proxy.seen).filter(({ atMs }) => atMs > after);
          const problems = [
            ...late.map(({ call }) => `after its end the leader wrote ${call.key}`),
            ...overlap(leader.proxy.seen, standby.proxy.seen),
          ];
          leader.start();
          swap();
          return { problems, figure: "no two write at once" };
        });

      for (const hours of [1, -1])
        await check(report, `${operator}/clock-${hours > 0 ? "ahead" : "behind"}`, async () => {
          await standby.operator.line(says("started"));
          await standby.end("SIGKILL");
          standby.start(hours * 3_600_000);
          await standby.operator.line(says("started"));
          begin();
          await edit();
          await renewedLong(leader);
          const taken = wroteBeside(standby);
          // Now the wrong clock leads, and a right one looks on.
          await leader.end("SIGTERM");
          await standby.operator.line(says("leading"), 0, 60_000);
          leader.start();
          swap();
          await standby.operator.line(says("started"));
          begin();
          await edit();
          await renewedLong(leader);
          const late = wroteBeside(standby);
          const isIdle = writesOf(leader.proxy.seen).length === 0;
          return {
            problems: [
              ...taken,
              ...late,
              ...(isIdle ? ["the leader with the wrong clock wrote nothing"] : []),
            ],
            figure: "as standby and as leader: one writes",
          };
        });
      await room[Symbol.asyncDispose]();
    }
  },
};

/** Until a leader has renewed its Lease for longer than it would last without. */
async function renewedLong({ proxy }: Replica): Promise<void> {
  const isRenewal = ({ call }: Seen): boolean => call.plural === "leases" && writing.has(call.verb);
  const lasted = (): number => {
    const renewals = proxy.seen.filter(isRenewal);
    return (renewals.at(-1)?.atMs ?? 0) - (renewals[0]?.atMs ?? 0);
  };
  await eventually(async () => lasted() > unplannedMs, 60_000);
}

const named = (room: Room, name: string) => {
  const manifest = room.product.manifest(name);
  return { ...manifest, metadata: { ...manifest.metadata, name, namespace: room.namespace } };
};

/** Of the line, not of the Lease. */
function writesOf(seen: readonly Seen[]): readonly Seen[] {
  return seen.filter(
    ({ call, status }) => writing.has(call.verb) && call.plural !== "leases" && status >= 200 && status < 300,
  );
}

function wroteBeside({ proxy }: Replica): readonly string[] {
  return writesOf(proxy.seen).map(({ call }) => `the standby wrote ${call.key}`);
}

function tooLate(took: number, limitMs: number): readonly string[] {
  return took > limitMs
    ? [`it took ${(took / 1000).toFixed(1)} s, at most ${limitMs / 1000} s are allowed`]
    : [];
}

/** The last write of the one comes before the first of the other. */
function overlap(before: readonly Seen[], after: readonly Seen[]): readonly string[] {
  const last = Math.max(0, ...writesOf(before).map(({ atMs }) => atMs));
  const first = Math.min(Number.POSITIVE_INFINITY, ...writesOf(after).map(({ atMs }) => atMs));
  return first < last ? [`both wrote for ${Math.round(last - first)} ms`] : [];
}
