import type { Figure } from "../figure.ts";
import { products } from "../lab/product.ts";
import type { Room } from "../lab/room.ts";
import { percentile } from "../statistics.ts";

const limits = { planned: 3, unplanned: 17 };

export const figure: Figure = {
  name: "fail-over",
  meaning:
    "One of two operators ends until the other leads: planned by SIGTERM, unplanned by SIGKILL. The same code in both " +
    "operators, so only one is measured.",
  measure: async (lab, say) => {
    const [product] = products;
    if (product === undefined) throw new Error("There is no operator");
    const room = await lab.room(product, "fail-over");
    say("planned, three times");
    const planned = [await takeOver(room, "SIGTERM"), await takeOver(room, "SIGTERM")];
    planned.push(await takeOver(room, "SIGTERM"));
    say("unplanned, once");
    const unplanned = await takeOver(room, "SIGKILL");
    return [
      {
        subject: `${product.app}: planned`,
        measured: `median ${seconds(percentile(planned, 50))}, max ${seconds(Math.max(...planned))}`,
        target: `<= ${limits.planned} s`,
        isMet: Math.max(...planned) <= limits.planned,
        n: planned.length,
      },
      {
        subject: `${product.app}: unplanned`,
        measured: seconds(unplanned),
        target: `<= ${limits.unplanned} s`,
        isMet: unplanned <= limits.unplanned,
        n: 1,
      },
    ];
  },
};

async function takeOver(room: Room, signal: NodeJS.Signals): Promise<number> {
  const leader = await room.operator();
  const standby = room.launch();
  await standby.says("started");
  // Its caches are warm when it has looked at the Lease for a while.
  await room.quiet(1000);
  const endedMs = performance.now();
  await leader.end(signal);
  const { atMs } = await standby.says("leading");
  await standby.end();
  return (atMs - endedMs) / 1000;
}

const seconds = (value: number): string => `${value.toFixed(1)} s`;
