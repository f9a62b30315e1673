import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type PulpAccess, pulpClient, serveFile } from "../demo/pulp-file.ts";
import { clusterUnderTest, type UnderTest, untilReady } from "./cluster-under-test.ts";
import { curl, type CurlAnswer } from "./curl.ts";
import { accessTo, demoPulp, patchPulp, pulpKind } from "./pulp-under-test.ts";

const { namespace, name } = demoPulp;
const components = ["api", "content", "worker", "web"] as const;

describe("the number of pods of a real Pulp", () => {
  let cluster: UnderTest;
  let access: PulpAccess;
  let folder: string;

  beforeAll(async () => {
    cluster = await clusterUnderTest();
    access = await accessTo(cluster, demoPulp);
    folder = await mkdtemp(join(tmpdir(), "pulp-scale-"));
    return () => rm(folder, { recursive: true });
  });

  const scaleTo = async (replicas: number): Promise<void> => {
    await patchPulp(
      cluster,
      demoPulp,
      Object.fromEntries(components.map((component) => [component, { replicas }])),
    );
    await untilReady(cluster, pulpKind, name, namespace);
  };

  test("changes for all components while files are uploaded, and no request is lost", async () => {
    const { fileUrl } = await serveFile(access, new Uint8Array(randomBytes(256 * 1024)), "served.bin");
    const path = new URL(fileUrl).pathname;
    const over = new AbortController();
    const uploads = until(over.signal, upload);
    const downloads = until(over.signal, () => curl(access, path, ["-o", join(folder, "out")]));
    try {
      await scaleTo(2);
      expect(await shares(path)).toHaveLength(2);
      await scaleTo(1);
    } finally {
      over.abort();
    }
    const uploaded = await uploads;
    expect(uploaded.length).toBeGreaterThan(5);
    expect(uploaded.filter(({ status }) => status !== 202)).toEqual([]);
    expect((await downloads).filter(({ status }) => status !== 200)).toEqual([]);
    const { finish } = pulpClient(access);
    await Promise.all(uploaded.map(({ body }) => finish(JSON.parse(body).task)));
  });

  let files = 0;

  async function upload(): Promise<CurlAnswer> {
    files += 1;
    const file = join(folder, `upload-${files}`);
    await writeFile(file, randomBytes(2 * 1024 * 1024));
    return curl(access, "/pulp/api/v3/content/file/files/", [
      ...["-F", `relative_path=upload-${files}-${Date.now()}`, "-F", `file=@${file}`],
    ]);
  }

  /** How many of 40 requests each content pod answered, by their own logs. */
  async function shares(path: string): Promise<readonly number[]> {
    const marked = `${path}?from=shares-${Date.now()}`;
    for (let request = 0; request < 40; request += 1)
      expect((await curl(access, marked, ["-o", join(folder, "share")])).status).toBe(200);
    const pods = await cluster.kubectl(
      ...["-n", namespace, "get", "pods", "--field-selector=status.phase=Running", "-o", "name"],
      ...["-l", `app.kubernetes.io/instance=${name},app.kubernetes.io/component=content`],
    );
    const counts = await Promise.all(
      pods
        .split("\n")
        .filter((pod) => pod !== "")
        .map(async (pod) => {
          const log = await cluster.kubectl("-n", namespace, "logs", pod, "-c", "content", "--tail=2000");
          return log.split("\n").filter((line) => line.includes(marked)).length;
        }),
    );
    // Chance decides for each connection: a pod with less than an eighth of its half would be no accident.
    return counts.filter((count) => count >= 3);
  }
});

/** Does something again and again, and gives all results. */
async function until<T>(over: AbortSignal, work: () => Promise<T>): Promise<readonly T[]> {
  const results: T[] = [];
  while (!over.aborted) results.push(await work());
  return results;
}
