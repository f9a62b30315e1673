import { setTimeout as pause } from "node:timers/promises";
import { isWrite, type Request } from "../../e2e/lab/audit.ts";
import { labAgent } from "../../e2e/lab/lab.ts";
import { eventually } from "../../e2e/lab/look.ts";
import { person } from "../../e2e/lab/person.ts";
import { products } from "../../e2e/lab/product.ts";
import type { Figure } from "../figure.ts";
import { percentile, spread } from "../statistics.ts";

const rounds = 30;
const limits = { p50: 20, p99: 150 };

export const figure: Figure = {
  name: "edit",
  meaning: "The server received a changed spec until it received the first patch of a child.",
  measure: async (lab, say) => {
    const readings = [];
    for (const product of products) {
      const { room, names } = await lab.one(product);
      const [name = ""] = names;
      await room.quiet();
      say(`${product.app}: ${rounds} edits`);
      const tookMs: number[] = [];
      for (let round = 1; round <= rounds; round += 1) {
        const mark = await lab.audit.mark();
        await lab.admin.mergePatch(product.resource, room.namespace, name, product.edit(round), person);
        let first: Request | undefined;
        await eventually(async () => {
          first = (await room.requests(mark)).find(
            (request) => isWrite(request) && request.resource !== product.resource.plural,
          );
          return first !== undefined;
        });
        const edit = (await lab.audit.since(mark, room.namespace)).find(
          ({ userAgent, resource, verb }) =>
            userAgent.startsWith(labAgent) && resource === product.resource.plural && verb === "patch",
        );
        if (first === undefined || edit === undefined) throw new Error("The audit log lost an edit");
        tookMs.push(first.receivedMs - edit.receivedMs);
        // Not in step with anything of the operator's, and after its echo of this edit.
        await room.quiet(400);
        await pause((round * 37) % 100);
      }
      const isMet = percentile(tookMs, 50) <= limits.p50 && percentile(tookMs, 99) <= limits.p99;
      const target = `p50 <= ${limits.p50} ms, p99 <= ${limits.p99} ms`;
      readings.push({ subject: product.app, measured: spread(tookMs), target, isMet, n: rounds });
    }
    return readings;
  },
};
