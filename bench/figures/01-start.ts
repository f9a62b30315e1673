import { kinds } from "@zuul-pulp/k8s-core";
import type { Lab } from "../../e2e/lab/lab.ts";
import { person } from "../../e2e/lab/person.ts";
import { products } from "../../e2e/lab/product.ts";
import type { Room } from "../../e2e/lab/room.ts";
import type { Figure } from "../figure.ts";
import { milliseconds, percentile } from "../statistics.ts";

const objects = 2000;
const rounds = 3;
const limitMs = 1000;

export const figure: Figure = {
  name: "start",
  meaning: `Process start until all caches are synced and the Lease is held, beside ${objects} ConfigMaps.`,
  measure: async (lab, say) => {
    const readings = [];
    for (const product of products) {
      const room = await lab.room(product, "start");
      say(`${product.app}: making ${objects} ConfigMaps`);
      await fill(lab, room);
      const tookMs: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const running = room.launch();
        const { atMs } = await running.says("leading");
        tookMs.push(atMs - running.launchedMs);
        await running.end();
      }
      readings.push({
        subject: product.app,
        measured: `median ${milliseconds(percentile(tookMs, 50))}, max ${milliseconds(Math.max(...tookMs))}`,
        target: `<= ${limitMs} ms`,
        isMet: percentile(tookMs, 50) <= limitMs,
        n: rounds,
      });
    }
    return readings;
  },
};

/** With the label of the operator's own, so that they are held whole, not only by name. */
async function fill({ admin }: Lab, { namespace, product }: Room): Promise<void> {
  const [controller] = product.operator.controllers;
  const labels = { "app.kubernetes.io/managed-by": controller?.fieldManager ?? "" };
  const data = { text: "x".repeat(500) };
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < objects) {
      const name = `filler-${next}`;
      next += 1;
      const manifest = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace, labels }, data };
      await admin.apply(kinds.ConfigMap, namespace, manifest, person);
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
}
