import { products } from "../../e2e/lab/product.ts";
import type { Room } from "../../e2e/lab/room.ts";
import type { Figure } from "../figure.ts";
import { milliseconds, percentile } from "../statistics.ts";

const limitsMs = { planned: 3000, unplanned: 17_000 };

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
        measured: `median ${milliseconds(percentile(planned, 50))}, max ${milliseconds(Math.max(...planned))}`,
        target: `<= ${limitsMs.planned / 1000} s`,
        isMet: Math.max(...planned) <= limitsMs.planned,
        n: planned.length,
      },
      {
        subject: `${product.app}: unplanned`,
        measured: milliseconds(unplanned),
        target: `<= ${limitsMs.unplanned / 1000} s`,
        isMet: unplanned <= limitsMs.unplanned,
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
  return atMs - endedMs;
}
