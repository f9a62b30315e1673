/**
 * A control plane of plain processes: etcd, API server, controller-manager, scheduler. Its node is a large fake one of
 * kwok's, which needs no root, or the real one of `node.ts`. State is written before anything starts, so an interrupted
 * start can be taken down.
 */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { exists, isNodeReady, isReady, post, type Server } from "./ask.ts";
import { buildTools, kwokStageFile, realTools, simulatedTools } from "./binaries.ts";
import { cgroupProcesses, removeCgroup } from "./cgroup.ts";
import type { Cluster, ClusterOptions } from "./contract.ts";
import { fakeNodeObjects, podStages } from "./fake-node.ts";
import { removeStrays, unmountBelow } from "./leftovers.ts";
import { withLock } from "./lock.ts";
import { type Network, networkOf, removeNetwork } from "./network.ts";
import { importImage, startContainerd, startNode } from "./node.ts";
import { fastFolder, instancesFolder, makePrivateFolder } from "./paths.ts";
import { ensureNodePackages } from "./preflight.ts";
import { killAll, markedProcesses, type Program, run, start, type Started, waitFor } from "./processes.ts";

export interface NativeState {
  readonly name: string;
  readonly fast: string;
  readonly ports: { readonly etcd: number; readonly peer: number; readonly api: number };
  readonly ready: boolean;
  readonly apiServer?: Program;
  readonly kubectl?: string;
  /** Of a real node only. */
  readonly network?: Network;
}

const folderOf = (name: string): string => join(instancesFolder(), name);
const stateFile = (name: string): string => join(folderOf(name), "state.json");

/** Names of the instances that were started and not taken down. */
export function nativeInstances(): readonly string[] {
  return existsSync(instancesFolder())
    ? readdirSync(instancesFolder()).filter((name) => existsSync(stateFile(name)))
    : [];
}

/** The native cluster that this kubeconfig belongs to. */
export function nativeByKubeconfig(kubeconfig: string): Cluster | undefined {
  const name = nativeInstances().find((one) => join(folderOf(one), "kubeconfig") === resolve(kubeconfig));
  const state = name === undefined ? undefined : readState(name);
  return state === undefined ? undefined : clusterOf(state);
}

export async function openNative(options: ClusterOptions): Promise<Cluster> {
  const name = options.name ?? `t-${randomBytes(4).toString("hex")}`;
  if (!/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/.test(name))
    throw new Error(`Not a usable cluster name: "${name}"`);
  makePrivateFolder(instancesFolder());
  if (options.adopt === true) {
    const known = readState(name);
    if (known !== undefined) return clusterOf(known);
    throw new Error(`There is no cluster named ${name}`);
  }
  if (options.nodes === "real") await ensureNodePackages(options.yes === true, options.log);
  return withLock(
    join(instancesFolder(), `.${name}.lock`),
    () => options.log(`waiting for ${name}`),
    async () => {
      const before = readState(name);
      const isSame = (before?.network !== undefined) === (options.nodes === "real");
      if (before?.ready === true && isSame && (await isReady(serverOf(before)))) return clusterOf(before);
      await downNative(name);
      const wanted = options.nodes === "real" ? realTools : simulatedTools;
      const tools = await buildTools(wanted, options.log, options.signal);
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await bringUp(name, tools, options);
        } catch (error) {
          await downNative(name);
          if (attempt === 3 || !lostPort(error)) throw error;
          options.log(`somebody else took a port of ${name}: once more`);
        }
      }
    },
  );
}

/** Takes everything of an instance away, also when its start was interrupted. The state goes last. */
export async function downNative(name: string): Promise<void> {
  const folder = folderOf(name);
  const network = readState(name)?.network;
  const inContainers = (): readonly number[] =>
    network === undefined ? [] : cgroupProcesses(network.cgroup);
  await killAll(() => [...markedProcesses(folder), ...inContainers()]);
  if (network !== undefined) {
    await unmountBelow(folder);
    await removeNetwork(network);
    removeCgroup(network.cgroup);
    removeStrays(name, folder);
  }
  rmSync(fastFolder(name, folder), { recursive: true, force: true });
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder)) {
    if (entry !== "state.json") rmSync(join(folder, entry), { recursive: true, force: true });
  }
  rmSync(folder, { recursive: true, force: true });
}

async function bringUp(
  name: string,
  tools: Awaited<ReturnType<typeof buildTools>>,
  { log, signal, nodes }: ClusterOptions,
): Promise<Cluster> {
  const folder = makePrivateFolder(folderOf(name));
  const fast = fastFolder(name, folder);
  const [etcd, peer, api, manager, scheduler] = await freePorts(5);
  const isReal = nodes === "real";
  const network = isReal ? networkOf(name, freeIndex()) : undefined;
  const address = network?.host ?? "127.0.0.1";
  const state: NativeState = {
    name,
    fast,
    ports: { etcd, peer, api },
    ready: false,
    kubectl: tools.kubectl,
    ...(network === undefined ? {} : { network }),
  };
  writeState(state);
  makePrivateFolder(fast);
  const at = (file: string): string => join(folder, file);
  const privately = (file: string, text: string): void => writeFileSync(at(file), text, { mode: 0o600 });
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  privately("sa.key", privateKey.export({ type: "pkcs1", format: "pem" }).toString());
  const users = [
    "admin",
    "kube-controller-manager",
    "kube-scheduler",
    ...(isReal ? (["kubelet", "kube-proxy", "coredns"] as const) : (["kwok"] as const)),
    "provisioner",
  ] as const;
  const tokens = new Map<string, string>(users.map((user) => [user, randomBytes(24).toString("hex")]));
  const line = (user: string): string => {
    if (user === "kubelet") return `${tokens.get(user) ?? ""},system:node:node,node,"system:nodes"`;
    const masters = ["admin", "kwok", "provisioner", "coredns"].includes(user);
    const login = user.startsWith("kube-") ? `system:${user}` : user;
    return `${tokens.get(user) ?? ""},${login},${user}${masters ? ',"system:masters"' : ""}`;
  };
  privately("tokens.csv", `${users.map(line).join("\n")}\n`);
  // What a status said is told as well: a test that finds one write too many can say what it was about.
  const resources = ["pulpproject.org", "zuul-ci.org"].map((group) => ({ group, resources: ["*/status"] }));
  const rules = [{ level: "Request", resources }, { level: "Metadata" }];
  privately(
    "audit.yaml",
    JSON.stringify({
      apiVersion: "audit.k8s.io/v1",
      kind: "Policy",
      omitStages: ["RequestReceived"],
      rules,
    }),
  );
  const launch = (role: string, command: string, args: readonly string[]): Started =>
    start({ role, command, args }, folder, at(`${role}.log`));

  // The interface must be there before the API server can listen on its address.
  const nodeProps =
    network === undefined
      ? undefined
      : { name, folder, network, tools, ...(signal === undefined ? {} : { signal }) };
  if (nodeProps !== undefined) await startContainerd(nodeProps);
  const url = (port: number): string => `http://127.0.0.1:${String(port)}`;
  const store = launch("etcd", tools.etcd, [
    `--data-dir=${fast}`,
    `--listen-client-urls=${url(etcd)}`,
    `--advertise-client-urls=${url(etcd)}`,
    `--listen-peer-urls=${url(peer)}`,
    `--initial-advertise-peer-urls=${url(peer)}`,
    `--initial-cluster=default=${url(peer)}`,
    "--unsafe-no-fsync",
  ]);
  const apiServer: Program = {
    role: "kube-apiserver",
    command: tools["kube-apiserver"],
    args: [
      `--etcd-servers=${url(etcd)}`,
      `--bind-address=${address}`,
      `--advertise-address=${address}`,
      ...(isReal ? ["--kubelet-preferred-address-types=InternalIP"] : ["--endpoint-reconciler-type=none"]),
      `--secure-port=${String(api)}`,
      `--cert-dir=${at("certs")}`,
      "--service-account-issuer=https://kubernetes.default.svc",
      `--service-account-key-file=${at("sa.key")}`,
      `--service-account-signing-key-file=${at("sa.key")}`,
      `--token-auth-file=${at("tokens.csv")}`,
      "--authorization-mode=Node,RBAC",
      `--service-cluster-ip-range=${network?.services ?? "10.96.0.0/16"}`,
      "--allow-privileged=true",
      `--audit-log-path=${at("audit.log")}`,
      `--audit-policy-file=${at("audit.yaml")}`,
    ],
  };
  const server = start(apiServer, folder, at("kube-apiserver.log"));
  // The controllers start beside the API server, as soon as its certificate is whole: they wait for it by themselves.
  const rest: Started[] = [];
  const startControllers = (): void => {
    const authority = readFileSync(at("certs/apiserver.crt")).toString("base64");
    for (const user of users) {
      const file = user === "admin" ? "kubeconfig" : `${user}.kubeconfig`;
      privately(file, kubeconfigText(name, address, api, authority, tokens.get(user) ?? ""));
    }
    rest.push(
      launch("kube-controller-manager", tools["kube-controller-manager"], [
        `--kubeconfig=${at("kube-controller-manager.kubeconfig")}`,
        `--service-account-private-key-file=${at("sa.key")}`,
        `--root-ca-file=${at("certs/apiserver.crt")}`,
        "--use-service-account-credentials",
        // One token for each controller at its start: the default of 20 requests a second makes that take 4 s.
        "--kube-api-qps=500",
        "--kube-api-burst=1000",
        "--leader-elect=false",
        "--bind-address=127.0.0.1",
        `--secure-port=${String(manager)}`,
        // A busy machine delays the heartbeats of the fake node, and its pods would stop being ready.
        ...(isReal ? [] : ["--node-monitor-grace-period=24h"]),
      ]),
      launch("kube-scheduler", tools["kube-scheduler"], [
        `--kubeconfig=${at("kube-scheduler.kubeconfig")}`,
        "--leader-elect=false",
        "--bind-address=127.0.0.1",
        `--secure-port=${String(scheduler)}`,
      ]),
    );
  };
  const served = serverOf(state);
  const admin = tokens.get("admin") ?? "";
  await waitFor(
    "the API server to be ready",
    60_000,
    async () => {
      // The key is written after it. Alone, it may be there and still be empty, and then nobody would trust it.
      if (!existsSync(at("certs/apiserver.key"))) return false;
      if (rest.length === 0) startControllers();
      return isReady(served);
    },
    [store, server],
    signal,
  );
  if (nodeProps === undefined) {
    privately("kwok-stages.yaml", podStages(readFileSync(kwokStageFile(tools.kwok), "utf8")));
    rest.push(
      launch("kwok", tools.kwok, [
        `--kubeconfig=${at("kwok.kubeconfig")}`,
        "--manage-all-nodes=false",
        "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
        `--config=${at("kwok-stages.yaml")}`,
      ]),
      launch("provisioner", process.execPath, [
        join(import.meta.dirname, "provisioner.ts"),
        tools.kubectl,
        at("provisioner.kubeconfig"),
      ]),
    );
    for (const [path, object] of fakeNodeObjects) await post(served, path, admin, object);
  } else {
    await startNode(nodeProps, (...args) =>
      run(tools.kubectl, [`--kubeconfig=${at("kubeconfig")}`, ...args]),
    );
  }
  await waitFor(
    "the node and the default ServiceAccount",
    30_000,
    async () =>
      (await isNodeReady(served, admin, isReal ? "node" : "fake")) &&
      (await exists(served, admin, "/api/v1/namespaces/default/serviceaccounts/default")),
    [store, server, ...rest],
    signal,
  );
  const ready: NativeState = { ...state, ready: true, apiServer };
  writeState(ready);
  log(`cluster ${name} is ready: ${at("kubeconfig")}`);
  return clusterOf(ready);
}

function clusterOf(state: NativeState): Cluster {
  const folder = folderOf(state.name);
  const { network, kubectl } = state;
  return {
    name: state.name,
    provider: "native",
    kubeconfig: join(folder, "kubeconfig"),
    capabilities: new Set(
      network === undefined
        ? (["api", "controllers"] as const)
        : (["api", "controllers", "pods", "network"] as const),
    ),
    auditLog: join(folder, "audit.log"),
    ...(kubectl === undefined ? {} : { kubectl }),
    ...(network === undefined ? {} : { nodeAddress: network.node }),
    // Nothing runs on a fake node, so there is nowhere to load an image to.
    loadImages: async (archives) => {
      if (network === undefined) return;
      const queue = archives.filter((archive) => !existsSync(importedMark(folder, archive)));
      const worker = async (): Promise<void> => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
          await importImage(folder, next);
          writeFileSync(importedMark(folder, next), "");
        }
      };
      await Promise.all([worker(), worker()]);
    },
    restartApiServer: async () => {
      const { apiServer } = state;
      if (apiServer === undefined) throw new Error(`Cluster ${state.name} never became ready`);
      const servers = (): readonly number[] =>
        markedProcesses(folder).filter((pid) => isProgram(pid, apiServer));
      await killAll(servers);
      const server = start(apiServer, folder, join(folder, "kube-apiserver.log"));
      await waitFor("the API server to be ready", 60_000, () => isReady(serverOf(state)), [server]);
    },
    down: () => downNative(state.name),
  };
}

/** A file that says that an archive is in the runtime already: importing the same one again takes as long as the first time. */
function importedMark(folder: string, archive: string): string {
  return join(folder, `imported-${archive.split("/").at(-1) ?? ""}`);
}

/** The smallest index that no other instance uses, and no interface of this machine. */
function freeIndex(): number {
  const taken = new Set(nativeInstances().map((name) => readState(name)?.network?.index));
  for (let index = 0; index < 16; index += 1) {
    if (!taken.has(index) && !existsSync(`/sys/class/net/zp${String(index)}-host`)) return index;
  }
  throw new Error("Sixteen real nodes run already: take one down first");
}

function isProgram(pid: number, program: Program): boolean {
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, "utf8").split("\0")[0] === program.command;
  } catch {
    return false;
  }
}

/** Where an instance's API server answers. */
function serverOf({ name, ports, network }: NativeState): Server {
  return { address: network?.host ?? "127.0.0.1", port: ports.api, folder: folderOf(name) };
}

function kubeconfigText(
  name: string,
  address: string,
  port: number,
  authority: string,
  token: string,
): string {
  // JSON is YAML. Bound to loopback, the self-made certificate names 127.0.0.1 and not localhost.
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name,
        cluster: { server: `https://${address}:${String(port)}`, "certificate-authority-data": authority },
      },
    ],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  });
}

/** Between the choice of a free port and its use, any other program of the machine may take it. */
const lostPort = (error: unknown): boolean =>
  error instanceof Error && error.message.includes("address already in use");

async function freePorts(count: 5): Promise<[number, number, number, number, number]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listening()));
  const [a, b, c, d, e] = servers.map(({ port }) => port);
  await Promise.all(servers.map(({ close }) => close()));
  if (!a || !b || !c || !d || !e) throw new Error("No free port on 127.0.0.1");
  return [a, b, c, d, e];
}

function listening(): Promise<{ port: number; close: () => Promise<void> }> {
  return new Promise((done, failed) => {
    const server = createServer().once("error", failed);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = address !== null && typeof address === "object" ? address.port : 0;
      done({ port, close: () => new Promise((closed) => server.close(() => closed())) });
    });
  });
}

function readState(name: string): NativeState | undefined {
  // The edge: only this file writes it.
  return existsSync(stateFile(name))
    ? (JSON.parse(readFileSync(stateFile(name), "utf8")) as NativeState)
    : undefined;
}

function writeState(state: NativeState): void {
  writeFileSync(stateFile(state.name), JSON.stringify(state), { mode: 0o600 });
}
