import { setTimeout as pause } from "node:timers/promises";
import { isIdle, isWrite } from "../../e2e/lab/audit.ts";
import { products } from "../../e2e/lab/product.ts";
import type { Figure } from "../figure.ts";
import { cpuMs } from "../../e2e/lab/usage.ts";

const restMs = 20_000;

export const figure: Figure = {
  name: "steady",
  meaning: "What the operator asks and writes in 20 s in which nobody changes any of its ten resources.",
  measure: async (lab, say) => {
    const readings = [];
    for (const product of products) {
      const { room, running } = await lab.ten(product);
      await room.quiet();
      say(`${product.app}: watching for ${restMs / 1000} s`);
      const [mark, beforeMs] = [await lab.audit.mark(), await cpuMs(running.pid)];
      await pause(restMs);
      const requests = await room.requests(mark);
      const usedMs = (await cpuMs(running.pid)) - beforeMs;
      const writes = requests.filter(isWrite).length;
      const reads = requests.filter((request) => !isIdle(request)).length - writes;
      const idle = requests.filter(isIdle);
      readings.push(
        {
          subject: `${product.app}: writes, reads`,
          measured: `${writes} writes, ${reads} reads`,
          target: "0 writes, 0 reads",
          isMet: writes === 0 && reads === 0,
          n: 1,
        },
        {
          subject: `${product.app}: watch and Lease requests`,
          measured: `${idle.length} in ${restMs / 1000} s`,
          n: 1,
        },
        {
          subject: `${product.app}: CPU`,
          measured: `${(usedMs / (restMs / 1000)).toFixed(1)} millicores`,
          n: 1,
        },
      );
    }
    return readings;
  },
};
