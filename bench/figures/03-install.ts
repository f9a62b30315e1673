import { kinds, type KindSpec } from "@zuul-pulp/k8s-core";
import { isIdle, isWrite, type Request } from "../../e2e/lab/audit.ts";
import { type Lab, labAgent } from "../../e2e/lab/lab.ts";
import { put } from "../../e2e/lab/person.ts";
import { type Product, products } from "../../e2e/lab/product.ts";
import { rendered } from "../../e2e/lab/rendered.ts";
import type { Figure } from "../figure.ts";
import { milliseconds } from "../statistics.ts";

/** The design allows 60 requests and 400 ms of the server's time for 40 objects. */
const requestsPerObject = 60 / 40;
const apiMsPerObject = 400 / 40;

export const figure: Figure = {
  name: "install",
  meaning:
    "Requests that the first install of one resource takes, and the time in which one of them was under way. Its pods are ready at " +
    "once; the duration has the gates between the stages in it. Beside it the floor: the same objects from a bare client.",
  measure: async (lab, say) => {
    const readings = [];
    for (const product of products) {
      say(`${product.app}: first install`);
      const room = await lab.room(product, "install");
      await room.references();
      const running = await room.operator();
      await room.quiet();
      const mark = await lab.audit.mark();
      const beganMs = Date.now();
      await room.resource("first");
      await room.quiet(3000);
      const requests = (await room.requests(mark)).filter((request) => !isIdle(request));
      await running.end();
      const onChildren = requests.filter(
        ({ resource, subresource }) =>
          resource !== product.resource.plural && resource !== "events" && subresource === "",
      );
      const writes = onChildren.filter(isWrite);
      const children = new Set(writes.map(({ resource, name }) => `${resource}/${name}`)).size;
      const apiMs = busyMs(onChildren);
      const lastMs = Math.max(...writes.map(({ answeredMs }) => answeredMs));
      readings.push(
        {
          subject: `${product.app}: requests`,
          measured: `${onChildren.length} (${writes.length} writes) for ${children} objects`,
          target: `<= ${Math.floor(children * requestsPerObject)} for ${children} (60 for 40)`,
          isMet: onChildren.length <= children * requestsPerObject,
          n: 1,
        },
        {
          subject: `${product.app}: status writes, events`,
          measured: `${requests.length - onChildren.length}`,
          n: 1,
        },
        {
          subject: `${product.app}: API time`,
          measured: milliseconds(apiMs),
          target: `<= ${Math.floor(children * apiMsPerObject)} ms for ${children} (400 ms for 40)`,
          isMet: apiMs <= children * apiMsPerObject,
          n: 1,
        },
        {
          subject: `${product.app}: API time of its objects, sent one by one and without an operator`,
          measured: milliseconds(await floorMs(lab, product)),
          n: 1,
        },
        { subject: `${product.app}: duration`, measured: milliseconds(lastMs - beganMs), n: 1 },
      );
    }
    return readings;
  },
};

/** What the server takes for the same objects when nobody waits for gates, computes beside it, or asks anything else. */
async function floorMs(lab: Lab, product: Product): Promise<number> {
  const { namespace } = await lab.room(product, "install-floor");
  const { manifests } = await rendered(product, namespace, "first");
  const byName: Readonly<Record<string, KindSpec>> = kinds;
  const mark = await lab.audit.mark();
  for (const manifest of manifests) {
    const kind = byName[manifest.kind];
    if (kind === undefined) throw new Error(`No such kind here: ${manifest.kind}`);
    // What only a cluster can know, such as a hash over generated values, is shown as `***`.
    const name = manifest.metadata.name.replaceAll("***", "0000");
    await put(lab.admin, kind, { ...manifest, metadata: { ...manifest.metadata, name } }, namespace);
  }
  return busyMs((await lab.audit.since(mark, namespace, labAgent)).filter(isWrite));
}

/** Time in which at least one request was under way: those at the same time count once. */
function busyMs(requests: readonly Request[]): number {
  let [total, endMs] = [0, 0];
  for (const { receivedMs, answeredMs } of requests) {
    total += Math.max(0, answeredMs - Math.max(receivedMs, endMs));
    endMs = Math.max(endMs, answeredMs);
  }
  return total;
}
