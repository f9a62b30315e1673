import { field } from "../../e2e/lab/look.ts";
import { person } from "../../e2e/lab/person.ts";
import { products } from "../../e2e/lab/product.ts";
import type { Running } from "../../e2e/lab/room.ts";
import type { Figure } from "../figure.ts";
import { cpuMs } from "../../e2e/lab/usage.ts";
import { milliseconds } from "../statistics.ts";

const rounds = 200;
const limitMs = 3;

export const figure: Figure = {
  name: "pass-cpu",
  meaning:
    "CPU of the whole process for one pass that changes nothing, forced by an annotation on the resource. The watch " +
    "event that forces it is in the number.",
  measure: async (lab, say) => {
    const readings = [];
    for (const product of products) {
      const { room, running, names, children } = await lab.ten(product);
      await room.quiet();
      say(`${product.app}: ${rounds} forced passes`);
      const [passesBefore, cpuBeforeMs] = [await passesOf(running), await cpuMs(running.pid)];
      for (let round = 0; round < rounds; round += 1) {
        const patch = { metadata: { annotations: { "bench.example.org/round": `${round}` } } };
        const name = names[round % names.length] ?? "";
        await lab.admin.mergePatch(product.resource, room.namespace, name, patch, person);
      }
      await room.quiet(1000);
      const usedMs = (await cpuMs(running.pid)) - cpuBeforeMs;
      const passes = (await passesOf(running)) - passesBefore;
      if (passes === 0) throw new Error("An annotation forced no pass");
      readings.push({
        subject: `${product.app}, ${Math.round(children / names.length)} children`,
        measured: milliseconds(usedMs / passes),
        target: `<= ${limitMs} ms (40 children)`,
        isMet: usedMs / passes <= limitMs,
        n: passes,
      });
    }
    return readings;
  },
};

/** The operator's own count of its passes. */
async function passesOf(running: Running): Promise<number> {
  const { line } = await running.says("started");
  const port = field(line, "metricsPort");
  if (typeof port !== "number") throw new Error("The operator serves no metrics");
  const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return [...page.matchAll(/^controller_runtime_reconcile_total\{.*\} (\d+)$/gm)].reduce(
    (total, [, count]) => total + Number(count),
    0,
  );
}
