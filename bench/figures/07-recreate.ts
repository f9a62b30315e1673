import { isWrite, type Request } from "../../e2e/lab/audit.ts";
import { type Child, childrenOf, isHeadless, mayBeDeleted, oneOfEach } from "../../e2e/lab/children.ts";
import { type Lab, labAgent } from "../../e2e/lab/lab.ts";
import { eventually } from "../../e2e/lab/look.ts";
import { products } from "../../e2e/lab/product.ts";
import type { Room } from "../../e2e/lab/room.ts";
import type { Figure } from "../figure.ts";
import { milliseconds, spread } from "../statistics.ts";

const limitMs = 100;
const rounds = 3;

export const figure: Figure = {
  name: "recreate",
  meaning:
    "The server answered the deletion of a child until it received the request that makes it again, for one child of " +
    "each kind but what holds data.",
  measure: async (lab, say) => {
    const readings = [];
    for (const product of products) {
      const { room } = await lab.one(product);
      await room.quiet();
      const look = async (): Promise<readonly Child[]> =>
        oneOfEach(
          (await childrenOf(lab.admin, product.operator, room.namespace, "one")).filter(mayBeDeleted),
        );
      const tookMs = new Map<string, number[]>();
      for (let round = 0; round < rounds; round += 1)
        for (const child of await look()) {
          const kind = `${isHeadless(child) ? "headless " : ""}${child.kind.kind}`;
          say(`${product.app}: deleting a ${kind}`);
          tookMs.set(kind, [...(tookMs.get(kind) ?? []), await deleteOne(lab, room, child)]);
        }
      for (const [kind, values] of tookMs)
        readings.push({
          subject: `${product.app}: ${kind}`,
          measured: `${spread(values)}, max ${milliseconds(Math.max(...values))}`,
          target: `<= ${limitMs} ms`,
          isMet: Math.max(...values) <= limitMs,
          n: values.length,
        });
    }
    return readings;
  },
};

async function deleteOne({ admin, audit }: Lab, room: Room, { kind, live }: Child): Promise<number> {
  const mark = await audit.mark();
  await admin.delete(kind, room.namespace, live.metadata);
  const ofIt = ({ resource, name, subresource }: Request): boolean =>
    resource === kind.plural && subresource === "" && (name === live.metadata.name || name === "");
  let again: Request | undefined;
  await eventually(async () => {
    again = (await room.requests(mark)).find((request) => ofIt(request) && isWrite(request));
    return again !== undefined;
  });
  const deletion = (await audit.since(mark, room.namespace)).find(
    (request) => ofIt(request) && request.verb === "delete" && request.userAgent.startsWith(labAgent),
  );
  if (again === undefined || deletion === undefined) throw new Error("The audit log lost a deletion");
  await room.quiet(1000);
  return again.receivedMs - deletion.answeredMs;
}
