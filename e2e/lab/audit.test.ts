import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { auditOf, isIdle, isWrite } from "./audit.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "audit-"));
  path = join(folder, "audit.log");
  await writeFile(path, "");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const line = (members: object, namespace = "a"): string =>
  `${JSON.stringify({
    stage: "ResponseComplete",
    verb: "patch",
    userAgent: "zuul-operator/0.1.0 (controller)",
    requestURI: "/api/v1/namespaces/a/services/web?fieldManager=zuul-operator",
    objectRef: { resource: "services", namespace, name: "web" },
    responseStatus: { code: 201 },
    requestReceivedTimestamp: "2026-01-02T03:04:05.000250Z",
    stageTimestamp: "2026-01-02T03:04:05.001500Z",
    ...members,
  })}\n`;

describe("auditOf()", () => {
  test("keeps the microseconds", async () => {
    await appendFile(path, line({}));
    const [request] = await auditOf(path).since(0, "a");
    expect((request?.answeredMs ?? 0) - (request?.receivedMs ?? 0)).toBeCloseTo(1.25, 2);
  });

  test("gives what came behind the mark, in this namespace, in the order of arrival", async () => {
    await appendFile(path, line({ verb: "create" }));
    const audit = auditOf(path);
    const mark = await audit.mark();
    await appendFile(path, line({ requestReceivedTimestamp: "2026-01-02T03:04:06.000001Z" }));
    await appendFile(path, line({}, "b"));
    await appendFile(path, line({ verb: "delete" }));
    expect((await audit.since(mark, "a")).map(({ verb }) => verb)).toEqual(["delete", "patch"]);
  });

  test("leaves a line alone that the server has not written to its end", async () => {
    await appendFile(path, line({}) + line({}).slice(0, 80));
    expect(await auditOf(path).since(0, "a")).toHaveLength(1);
  });

  test("begins with the first whole line when the mark lies inside of one", async () => {
    await appendFile(path, line({}).slice(0, 80));
    const audit = auditOf(path);
    const mark = await audit.mark();
    await appendFile(path, line({}).slice(80) + line({ verb: "create" }));
    expect((await audit.since(mark, "a")).map(({ verb }) => verb)).toEqual(["create"]);
  });

  test("reads lines that are longer than one read of the file", async () => {
    const long = line({ annotations: { long: "x".repeat(200_000) } });
    await appendFile(path, long + line({ verb: "create" }) + long);
    expect((await auditOf(path).since(0, "a")).map(({ verb }) => verb)).toEqual(["patch", "create", "patch"]);
  });

  test("counts a watch once, when it begins", async () => {
    await appendFile(path, line({ verb: "watch", stage: "ResponseStarted" }) + line({ verb: "watch" }));
    const requests = await auditOf(path).since(0, "a");
    expect(requests).toHaveLength(1);
    expect(requests.every(isIdle)).toBe(true);
  });

  test("takes a refusal, a dry run and a renewal of the Lease for no write", async () => {
    const lease = { objectRef: { resource: "leases", namespace: "a", name: "leader" }, verb: "update" };
    await appendFile(
      path,
      [{ responseStatus: { code: 409 } }, { requestURI: "/api?dryRun=All" }, lease, {}]
        .map((members) => line(members))
        .join(""),
    );
    expect((await auditOf(path).since(0, "a")).map(isWrite)).toEqual([false, false, false, true]);
  });
});
