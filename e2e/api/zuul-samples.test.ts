/**
 * The two samples of a Zuul on a real API server: strict validation lets every field through, and the operator, a
 * process of its own, makes everything that they ask for. Pods are simulated, so no Zuul answers.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, openCluster } from "../cluster/cluster.ts";
import { kubectlFor, type Kubectl } from "../demo/kubectl.ts";
import { waitFor } from "../wait-for.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const bin = join(root, "apps/zuul-operator/src/main.ts");
const sample = (name: string): string => join(root, `packages/zuul/src/testdata/${name}/in.yaml`);
const argvOf = (args: readonly string[]): string[] => ["--conditions=@zuul-pulp/source", bin, ...args];

interface Live {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason: string;
    }[];
  };
}

describe("the samples", () => {
  let cluster: Cluster;
  let kubectl: Kubectl;
  let folder: string;
  let operator: ChildProcess;

  beforeAll(async () => {
    cluster = await openCluster({ provider: "native", nodes: "simulated", log: () => undefined });
    kubectl = kubectlFor(cluster.kubeconfig, cluster.kubectl);
    folder = mkdtempSync(join(tmpdir(), "samples-"));
    const { stdout } = await run(process.execPath, argvOf(["install", "--print"]), { maxBuffer: 2 ** 24 });
    const crd = join(folder, "crd.yaml");
    writeFileSync(crd, stdout.split("\n---\n").find((one) => one.includes("CustomResourceDefinition")) ?? "");
    await kubectl("apply", "--server-side", "-f", crd);
    await waitFor({ what: "the kind to be served", timeoutMs: 90_000 }, () => kubectl("get", "zuuls", "-A"));
    for (const name of ["small", "proposal"]) await kubectl("create", "namespace", name);
    const args = [
      "run",
      "-n",
      "small",
      "--watch",
      "small,proposal",
      "--metrics-port",
      "0",
      "--health-port",
      "0",
    ];
    operator = spawn(process.execPath, argvOf([...args, "--allow-host-path", "/var/authdaemon"]), {
      env: { ...process.env, KUBECONFIG: cluster.kubeconfig },
      stdio: "ignore",
    });
  });

  afterAll(async () => {
    operator?.kill("SIGTERM");
    await cluster?.down();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  test.each([
    ["small", ["executor", "fingergw", "scheduler", "web"]],
    [
      "proposal",
      ["executor", "fingergw", "merger", "nodepool-builder", "nodepool-launcher", "scheduler", "web"],
    ],
  ])(
    "%s is rendered, accepted with strict validation, and made by the operator",
    async (name, components) => {
      await run(process.execPath, argvOf(["render", "-f", sample(name)]), { maxBuffer: 2 ** 24 });
      await kubectl("-n", name, "apply", "--validate=strict", "-f", sample(name));
      const [zuul] = await list("zuuls.zuul-ci.org", name);
      await waitFor({ what: "every workload", timeoutMs: 180_000 }, async () => {
        const workloads = await list("deployments,statefulsets", name);
        const names = workloads.map(({ metadata }) => metadata.name.replace(`${zuul?.metadata.name}-`, ""));
        const missing = components.filter((component) => !names.some((one) => one.startsWith(component)));
        if (missing.length === 0) return true;
        throw new Error(
          `missing ${missing.join(", ")}: ${JSON.stringify((await list("zuuls", name))[0]?.status)}`,
        );
      });
      const [live] = await list("zuuls.zuul-ci.org", name);
      expect(live?.status?.conditions?.find(({ type }) => type === "Stalled")).toBeUndefined();
    },
  );

  async function list(kinds: string, namespace: string): Promise<readonly Live[]> {
    const answer = await kubectl("-n", namespace, "get", kinds, "-o", "json");
    return (JSON.parse(answer) as { items: readonly Live[] }).items;
  }
});
