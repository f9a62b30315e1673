/** One real cluster of its own: fake pods become Ready, a claim Bound, the server restarts, and nothing stays behind. */
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { run } from "../run.ts";
import { buildTools, setHash } from "./binaries.ts";
import { openCluster } from "./cluster.ts";
import { markedProcesses } from "./processes.ts";

const deployment = {
  apiVersion: "v1",
  kind: "List",
  items: [
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "files" },
      spec: { accessModes: ["ReadWriteMany"], resources: { requests: { storage: "1Gi" } } },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web" },
      spec: {
        selector: { matchLabels: { app: "web" } },
        template: {
          metadata: { labels: { app: "web" } },
          spec: {
            containers: [
              { name: "web", image: "example", volumeMounts: [{ name: "files", mountPath: "/files" }] },
            ],
            volumes: [{ name: "files", persistentVolumeClaim: { claimName: "files" } }],
          },
        },
      },
    },
  ],
};

test("setHash() keeps apart what lies in different parts", () => {
  expect(setHash(["ab", "c"])).not.toBe(setHash(["a", "bc"]));
});

test("a simulated cluster runs a Deployment with a volume, survives a restart and goes without a trace", async () => {
  const { kubectl } = await buildTools(["kubectl"], () => {});
  const cluster = await openCluster({ provider: "native", nodes: "simulated", log: () => {} });
  const folder = dirname(cluster.kubeconfig);
  try {
    const argv = [kubectl, `--kubeconfig=${cluster.kubeconfig}`];
    const ask = (...args: string[]): Promise<string> => run([...argv, ...args]);
    await run([...argv, "apply", "-f", "-"], { input: JSON.stringify(deployment) });
    await ask("rollout", "status", "deployment/web", "--timeout=60s");
    expect(await ask("get", "pvc", "files", "-o", "jsonpath={.status.phase}")).toBe("Bound");
    await cluster.restartApiServer?.();
    expect(await ask("get", "deployment", "web", "-o", "jsonpath={.status.readyReplicas}")).toBe("1");
  } finally {
    await cluster.down();
  }
  expect(markedProcesses(folder)).toEqual([]);
  expect(existsSync(folder)).toBe(false);
});
