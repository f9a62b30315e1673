import { expect, test } from "vitest";
import { namespaces } from "../demo/resources.ts";
import { waitFor } from "../wait-for.ts";
import {
  type AuditEvent,
  auditBetween,
  clusterUnderTest,
  isWrite,
  type UnderTest,
  untilQuiet,
  untilReady,
  written,
} from "./cluster-under-test.ts";
import { demoPulp, olderPulp, objectsPulp, pulpKind, untilObjects, untilOlder } from "./pulp-under-test.ts";
import { zuulKind } from "./zuul-under-test.ts";

const operators = ["zuul-operator", "pulp-operator"] as const;

test("both operators write nothing over two minutes: two Pulps in one namespace, one in another, and a Zuul", async () => {
  const cluster = await clusterUnderTest();
  const { auditLog } = cluster;
  if (auditLog === undefined)
    return expect(process.env["E2E_PROVIDER"], "only native clusters have an audit log").not.toBe("native");
  await Promise.all([
    untilObjects(cluster),
    untilOlder(cluster),
    untilReady(cluster, pulpKind, demoPulp.name, demoPulp.namespace),
    untilReady(cluster, zuulKind, "zuul", namespaces.zuul),
  ]);
  for (const operator of operators) await untilQuiet(auditLog, operator);
  const from = new Date();
  const until = new Date(from.getTime() + 120_000);
  await waitFor(
    { what: "two minutes to pass", timeoutMs: 150_000, everyMs: 1000 },
    async () => new Date() > until || undefined,
  );
  const writes: AuditEvent[] = [];
  for (const operator of operators)
    writes.push(...(await auditBetween(auditLog, operator, from, until)).filter(isWrite));
  const statuses = await pulpStatuses(cluster);
  // The node's disk is shared with everything else: that its use moved by a twentieth is worth a line of status.
  const isDiskTold = ({ objectRef, requestObject }: AuditEvent): boolean =>
    objectRef?.subresource === "status" && statuses.includes(withoutDisk(requestObject?.status));
  expect(writes.filter((write) => !isDiskTold(write)).map(written)).toEqual([]);
  expect(writes.length).toBeLessThanOrEqual(6);
});

async function pulpStatuses({ kubectl }: UnderTest): Promise<readonly string[]> {
  const refs = [demoPulp, objectsPulp, olderPulp];
  return Promise.all(
    refs.map(async ({ namespace, name }) =>
      withoutDisk((await kubectl.get<{ status: object }>(pulpKind, name, namespace)).status),
    ),
  );
}

/** The rest of a status, in one order of fields. */
function withoutDisk(status: object = {}): string {
  return JSON.stringify(status, (key, value: unknown) => {
    if (key === "storageUsage") return undefined;
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
