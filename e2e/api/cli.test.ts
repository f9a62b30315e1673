/**
 * The command line of an operator as a process against a real API server: render, diff, run, wait, status, report and
 * their exit codes. The operator is the example, and the pods are simulated.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "@zuul-pulp/k8s-core";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { boardDefinition } from "../../examples/board-operator/src/board.ts";
import { type Cluster, openCluster } from "../cluster/cluster.ts";
import { untilServed } from "../lab/definitions.ts";

const bin = join(import.meta.dirname, "../../examples/board-operator/src/main.ts");
const canary = "canary-5f1d2c";

let cluster: Cluster;
let folder: string;
let operator: ChildProcess;

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const environment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  KUBECONFIG: cluster.kubeconfig,
  NO_COLOR: "1",
});
const argvOf = (args: readonly string[]): string[] => ["--conditions=@zuul-pulp/source", bin, ...args];

function command(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, argvOf(args), { env: environment() }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

function kubectl(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(cluster.kubectl ?? "kubectl", ["--kubeconfig", cluster.kubeconfig, ...args], (error, out, err) =>
      resolve({ code: error === null ? 0 : 1, out, err }),
    );
  });
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const board = (text: string, more = ""): string => `
apiVersion: example.zuul-pulp.io/v1alpha1
kind: Board
metadata: {name: lobby, namespace: default}
spec: {text: ${text}, replicas: 1, passcode: {secretName: lobby}${more}}
`;
const secret = `
---
apiVersion: v1
kind: Secret
metadata: {name: lobby, namespace: default}
stringData: {passcode: ${canary}}
`;

beforeAll(async () => {
  cluster = await openCluster({ provider: "native", nodes: "simulated", log: () => undefined });
  folder = mkdtempSync(join(tmpdir(), "cli-"));
  const { out } = await command("install", "--print");
  const crd = file(
    "crd.yaml",
    out.split("\n---\n").find((one) => one.includes("CustomResourceDefinition")) ?? "",
  );
  expect(await kubectl("apply", "--server-side", "-f", crd)).toMatchObject({ code: 0 });
  // Not `kubectl wait`: it ends with an error when it finds a definition that has no conditions yet.
  const { client, close } = await connect({ kubeconfig: cluster.kubeconfig, userAgent: "cli-test" });
  await untilServed(client, boardDefinition);
  close();
});

afterAll(async () => {
  operator?.kill("SIGTERM");
  await cluster?.down();
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

describe("without an operator", () => {
  test("render refuses a resource whose Secret is not in the files", async () => {
    const ended = await command("render", "-f", file("alone.yaml", board("hello")));
    expect(ended).toMatchObject({ code: 1, out: "" });
    expect(ended.err).toContain("lobby");
  });

  test("render prints manifests and no secret value", async () => {
    const ended = await command("render", "-f", file("both.yaml", board("hello") + secret));
    expect(ended.code).toBe(0);
    expect(ended.out).toContain("kind: Deployment");
    expect(ended.out + ended.err).not.toContain(canary);
  });

  test("diff shows what would be created, and ends with 1", async () => {
    const ended = await command("diff", "-f", file("both.yaml", board("hello") + secret), "-n", "default");
    expect(ended.code).toBe(1);
    expect(ended.out).toContain("Deployment lobby-web would be created");
  });

  test("a wrong flag is 2, no such resource is 1, no cluster is 3", async () => {
    expect(await command("status")).toMatchObject({ code: 2 });
    expect(await command("status", "nobody", "-n", "default")).toMatchObject({ code: 1 });
    const nowhere = file(
      "nowhere.yaml",
      "apiVersion: v1\nkind: Config\nclusters: [{name: a, cluster: {server: 'https://127.0.0.1:9'}}]\nusers: [{name: a, user: {}}]\ncontexts: [{name: a, context: {cluster: a, user: a}}]\ncurrent-context: a\n",
    );
    expect(await command("status", "nobody", "--kubeconfig", nowhere)).toMatchObject({ code: 3 });
  });

  test("wait gives up with 4 and says what it waited for", async () => {
    expect(await kubectl("apply", "-f", file("both.yaml", board("hello") + secret))).toMatchObject({
      code: 0,
    });
    const ended = await command("wait", "lobby", "-n", "default", "--timeout", "2s");
    expect(ended.code).toBe(4);
    expect(ended.err).toContain("the operator");
  });
});

describe("with the operator", () => {
  beforeAll(async () => {
    const args = ["run", "--watch", "default", "-n", "default", "--metrics-port", "0", "--health-port", "0"];
    operator = spawn(process.execPath, argvOf(args), { env: environment(), stdio: "ignore" });
    const ended = await command("wait", "lobby", "-n", "default", "--timeout", "60s");
    expect(ended).toMatchObject({ code: 0 });
  });

  test("diff finds nothing after run has applied the same files", async () => {
    const ended = await command("diff", "-f", file("both.yaml", board("hello") + secret), "-n", "default");
    expect(ended).toMatchObject({ code: 0, out: "" });
  });

  test("diff names the pods that a change restarts, and hides values", async () => {
    const ended = await command("diff", "-f", file("new.yaml", board("goodbye") + secret), "-n", "default");
    expect(ended.code).toBe(1);
    expect(ended.out).toContain("its pods restart: metadata.annotations.");
    expect(ended.out).not.toContain(canary);
  });

  test("diff names what would be pruned, and leaves alone what holds data", async () => {
    const archive = ", archive: {size: 1Gi}";
    const all = file("archive.yaml", board("hello", `${archive}, deletionPolicy: Delete`) + secret);
    expect(await kubectl("apply", "-f", all)).toMatchObject({ code: 0 });
    expect(await command("wait", "lobby", "-n", "default", "--timeout", "60s")).toMatchObject({ code: 0 });
    const dropping = file("dropped.yaml", board("hello", ", deletionPolicy: Delete") + secret);
    const pruned = await command("diff", "-f", dropping, "-n", "default");
    expect(pruned).toMatchObject({ code: 1 });
    expect(pruned.out).toContain("PersistentVolumeClaim lobby-archive would be pruned");
    const kept = await command("diff", "-f", file("kept.yaml", board("hello") + secret), "-n", "default");
    expect(kept.out).not.toContain("pruned");
    expect(await kubectl("apply", "-f", file("both.yaml", board("hello") + secret))).toMatchObject({
      code: 0,
    });
    expect(await command("wait", "lobby", "-n", "default", "--timeout", "60s")).toMatchObject({ code: 0 });
  });

  test("status shows the tree, and the same as JSON", async () => {
    const text = await command("status", "lobby", "-n", "default");
    expect(text.out).toMatch(/Board lobby in default, .* old: ready/);
    expect(text.out).toMatch(/● {2}web {2}1\/1 ready/);
    const json = await command("status", "lobby", "-n", "default", "-o", "json");
    expect(JSON.parse(json.out)).toMatchObject({
      kind: "Board",
      name: "lobby",
      status: { components: [{ name: "web" }] },
    });
  });

  test("report packs objects and events, readable by its owner alone, without a secret value", async () => {
    const path = join(folder, "report.zip");
    const ended = await command("report", "lobby", "-n", "default", "--file", path);
    expect(ended).toMatchObject({ code: 0, out: `${path}\n` });
    expect(statSync(path).mode & 0o077).toBe(0);
    const files = unzipSync(readFileSync(path));
    expect(Object.keys(files)).toEqual(
      expect.arrayContaining(["status.txt", "resource.yaml", "objects/Deployment-lobby-web.yaml"]),
    );
    const all = Object.values(files)
      .map((content) => new TextDecoder().decode(content))
      .join("\n");
    expect(all).not.toContain(canary);
    expect(all).not.toContain(Buffer.from(canary).toString("base64"));
    expect(await command("report", "lobby", "-n", "default", "--file", path)).toMatchObject({ code: 1 });
  });
});
