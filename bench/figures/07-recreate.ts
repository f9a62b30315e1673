import { kinds } from "@zuul-pulp/k8s-core";
import { eventually } from "../../e2e/api/harness.ts";
import type { Figure } from "../figure.ts";
import { isWrite, type Request } from "../lab/audit.ts";
import type { Lab } from "../lab/lab.ts";
import { products } from "../lab/product.ts";
import type { Room } from "../lab/room.ts";
import { milliseconds, percentile, spread } from "../statistics.ts";

const limitMs = 100;

export const figure: Figure = {
  name: "recreate",
  meaning:
    "The server answered the deletion of a Deployment until it received the request that makes it again.",
  measure: async (lab, say) => {
    const readings = [];
    for (const product of products) {
      const { room } = await lab.one(product);
      await room.quiet();
      say(`${product.app}: deleting each Deployment, three times`);
      const tookMs: number[] = [];
      for (let round = 0; round < 3; round += 1)
        for (const { metadata } of (await lab.admin.list(kinds.Deployment, room.namespace)).items)
          tookMs.push(await deleteOne(lab, room, metadata));
      readings.push({
        subject: product.app,
        measured: `${spread(tookMs)}, max ${milliseconds(Math.max(...tookMs))}`,
        target: `<= ${limitMs} ms`,
        isMet: percentile(tookMs, 100) <= limitMs,
        n: tookMs.length,
      });
    }
    return readings;
  },
};

async function deleteOne(
  { admin, audit }: Lab,
  room: Room,
  metadata: { readonly name: string; readonly uid: string },
): Promise<number> {
  const mark = await audit.mark();
  await admin.delete(kinds.Deployment, room.namespace, metadata);
  const ofIt = ({ resource, name, subresource }: Request): boolean =>
    resource === "deployments" && name === metadata.name && subresource === "";
  let again: Request | undefined;
  await eventually(async () => {
    again = (await room.requests(mark)).find((request) => ofIt(request) && isWrite(request));
    return again !== undefined;
  });
  const deletion = (await audit.since(mark, room.namespace)).find(
    (request) => ofIt(request) && request.verb === "delete" && request.userAgent.startsWith("bench"),
  );
  if (again === undefined || deletion === undefined) throw new Error("The audit log lost a deletion");
  await room.quiet(1000);
  return again.receivedMs - deletion.answeredMs;
}
