import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { pulpClient, serveFile } from "../demo/pulp-file.ts";
import { namespaces } from "../demo/resources.ts";
import { waitFor } from "../wait-for.ts";
import {
  clusterUnderTest,
  imagesUnderTest,
  podUids,
  type UnderTest,
  untilReady,
} from "./cluster-under-test.ts";
import { accessTo, demoPulp, pulpKind, readyOf, statusOf } from "./pulp-under-test.ts";

const { namespace, name } = demoPulp;

/**
 * Stops every process of one pod, from the node, for a minute and until it is told to let go; the pod itself is not
 * touched. It lets go by itself before anybody's patience ends.
 */
const freeze = `
import os, signal, sys, time
uid = sys.argv[1]
began = time.monotonic()
def processes():
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cgroup") as cgroup, open(f"/proc/{pid}/comm") as comm:
                groups, program = cgroup.read(), comm.read().strip()
        except OSError:
            continue
        if program == "postgres" and (uid in groups or uid.replace("-", "_") in groups):
            yield int(pid)
stopped = list(processes())
print(len(stopped), "processes", flush=True)
if not stopped:
    sys.exit("no postgres runs in that pod")
try:
    while time.monotonic() < began + 60 or (not os.path.exists("/tmp/thaw") and time.monotonic() < began + 400):
        # The server's probes make new ones.
        for pid in processes():
            os.kill(pid, signal.SIGSTOP)
        time.sleep(0.5)
finally:
    for pid in processes():
        os.kill(pid, signal.SIGCONT)
`;

describe("a database that does not answer for a minute", () => {
  let cluster: UnderTest;

  beforeAll(async () => {
    cluster = await clusterUnderTest();
    await untilReady(cluster, pulpKind, name, namespace);
  });

  test("is told by the status, and everything comes back by itself, with nothing made anew", async () => {
    const access = await accessTo(cluster, demoPulp);
    const { fileUrl } = await serveFile(access, new Uint8Array(randomBytes(1024)), "before.bin");
    const before = await podUids(cluster, namespace, name);
    await freezeDatabase();
    const said = await waitFor(
      { what: "the status to tell", timeoutMs: 300_000, everyMs: 2000 },
      async () => {
        const ready = readyOf(await statusOf(cluster, demoPulp));
        return ready?.status === "False" && /database/i.test(ready.message) ? ready : undefined;
      },
    );
    expect(["DatabaseNotReady", "DatabaseUnreachable"]).toContain(said.reason);
    await cluster.kubectl("-n", namespaces.zuul, "exec", "freezer", "--", "touch", "/tmp/thaw");
    await cluster.kubectl(
      ...["-n", namespaces.zuul, "wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/freezer"],
      "--timeout=120s",
    );
    await untilReady(cluster, pulpKind, name, namespace);
    expect(await podUids(cluster, namespace, name)).toEqual(before);
    expect((await fetch(fileUrl)).status).toBe(200);
    await serveFile(access, new Uint8Array(randomBytes(1024)), "after.bin");
    const { count } = await pulpClient(access).call<{ count: number }>("/pulp/api/v3/users/");
    expect(count).toBeGreaterThan(0);
  });

  /** A pod of our own on the same node; only the namespace of Zuul's executors lets it in. */
  async function freezeDatabase(): Promise<void> {
    const { metadata, spec } = await cluster.kubectl.get<{
      metadata: { uid: string };
      spec: { nodeName: string };
    }>("pod", `${name}-database-0`, namespace);
    await cluster.kubectl("-n", namespaces.zuul, "delete", "pod", "freezer", "--ignore-not-found");
    await cluster.kubectl.apply(
      [
        {
          apiVersion: "v1",
          kind: "Pod",
          metadata: { name: "freezer" },
          spec: {
            nodeName: spec.nodeName,
            hostPID: true,
            restartPolicy: "Never",
            automountServiceAccountToken: false,
            containers: [
              {
                name: "freezer",
                image: imagesUnderTest().git,
                command: ["python3", "-c", freeze, metadata.uid],
                securityContext: { privileged: true, runAsUser: 0 },
              },
            ],
          },
        },
      ],
      namespaces.zuul,
    );
  }
});
