import { setTimeout as pause } from "node:timers/promises";
import { products } from "../../e2e/lab/product.ts";
import type { Figure } from "../figure.ts";
import { residentMb } from "../../e2e/lab/usage.ts";

const limitMb = 120;
const restMs = 20_000;

export const figure: Figure = {
  name: "ten-memory",
  meaning: "Resident memory of the operator with ten installed resources, 20 s after the last change.",
  measure: async (lab, say) => {
    const readings = [];
    for (const product of products) {
      const { running, children } = await lab.ten(product);
      say(`${product.app}: waiting ${restMs / 1000} s`);
      await pause(restMs);
      const measuredMb = await residentMb(running.pid);
      readings.push({
        subject: `${product.app}, ${children} children`,
        measured: `${measuredMb.toFixed(0)} MB`,
        target: `<= ${limitMb} MB (400 children)`,
        isMet: measuredMb <= limitMb,
        n: 1,
      });
    }
    return readings;
  },
};
