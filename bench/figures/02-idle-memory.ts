import { setTimeout as pause } from "node:timers/promises";
import { products } from "../../e2e/lab/product.ts";
import type { Figure } from "../figure.ts";
import { residentMb } from "../../e2e/lab/usage.ts";

const limitMb = 90;
const restMs = 20_000;

export const figure: Figure = {
  name: "idle-memory",
  meaning: "Resident memory of the operator without a resource, after 20 s in which nothing happened.",
  measure: async (lab, say) => {
    const resting = [];
    for (const product of products) {
      const room = await lab.room(product, "idle");
      resting.push({ product, running: await room.operator() });
    }
    say(`waiting ${restMs / 1000} s`);
    await pause(restMs);
    const readings = [];
    for (const { product, running } of resting) {
      const measuredMb = await residentMb(running.pid);
      await running.end();
      readings.push({
        subject: product.app,
        measured: `${measuredMb.toFixed(0)} MB`,
        target: `<= ${limitMb} MB`,
        isMet: measuredMb <= limitMb,
        n: 1,
      });
    }
    return readings;
  },
};
