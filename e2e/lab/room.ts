/**
 * One namespace with one ServiceAccount that has exactly the rights of an installed operator, and the bundled operator
 * as a process of its own that finds that account where the kubelet puts it, as in a pod.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import type { Client } from "@zuul-pulp/k8s-core";
import { parse } from "yaml";
import { granted, tokenOf, writeKubeconfig } from "./account.ts";
import { type Audit, type Request, untilRest } from "./audit.ts";
import type { Bundle } from "./bundle.ts";
import { installWithoutDeployment } from "./installation.ts";
import { field, until } from "./look.ts";
import { put } from "./person.ts";
import type { Product } from "./product.ts";
import { isCarriedOut } from "./rest.ts";

export interface Room {
  readonly namespace: string;
  readonly product: Product;
  /** Starts one more operator process and returns at once. */
  launch(): Running;
  /** Starts an operator and returns when it leads. */
  operator(): Promise<Running>;
  /** Puts a resource here; what it refers to must be there. */
  resource(name: string): Promise<void>;
  references(): Promise<void>;
  /** Requests of the operator, nobody else's. */
  requests(mark: number): Promise<readonly Request[]>;
  /**
   * Until the resource is carried out as far as simulated pods allow, and then silence. Silence alone may be a machine
   * that is busy elsewhere. @throws Error when it never rests
   */
  carriedOut(name: string, silentMs?: number): Promise<void>;
  /** Until the operator has asked nothing but its Lease for so long. @throws Error when it never rests */
  quiet(forMs?: number): Promise<void>;
}

export interface Running {
  readonly pid: number;
  readonly launchedMs: number;
  /** Until a log line has this message; the line, and when it arrived on the clock of `performance.now()`. */
  says(message: string): Promise<{ readonly line: unknown; readonly atMs: number }>;
  end(signal?: NodeJS.Signals): Promise<void>;
}

export interface RoomProps {
  readonly admin: Client;
  readonly adminKubeconfig: string;
  readonly audit: Audit;
  readonly bundle: Bundle;
  readonly product: Product;
  readonly namespace: string;
  readonly folder: string;
  /** Every process that is started, so that none outlives the measurement. */
  readonly started: (running: Running) => void;
}

export async function openRoom(props: RoomProps): Promise<Room> {
  const { admin, audit, namespace, product } = props;
  await installWithoutDeployment(admin, product.operator, namespace);
  const account = await accountOf(props);
  const launch = (): Running => {
    const running = launchOperator(props, account);
    props.started(running);
    return running;
  };
  const program = `${product.app}/`;
  const quiet = (forMs = 2000): Promise<void> => untilRest(audit, { namespace, program, forMs });
  return {
    namespace,
    product,
    launch,
    operator: async () => {
      const running = launch();
      await running.says("leading");
      return running;
    },
    resource: (name) => put(admin, product.resource, product.manifest(name), namespace),
    references: async () => {
      for (const [kind, manifest] of product.references) await put(admin, kind, manifest, namespace);
    },
    requests: (mark) => audit.since(mark, namespace, program),
    carriedOut: async (name, silentMs) => {
      await until(admin, product.resource, namespace, name, isCarriedOut, 180_000);
      await quiet(silentMs ?? 4000);
    },
    quiet,
  };
}

/** What a pod has of its account: files in a folder, and where the server is. */
interface Account {
  readonly folder: string;
  readonly host: string;
  readonly port: string;
}

async function accountOf(props: RoomProps): Promise<Account> {
  const token = await tokenOf(props.admin, props.namespace, props.product.app);
  const kubeconfig = join(props.folder, `${props.namespace}.kubeconfig`);
  await writeKubeconfig(props.adminKubeconfig, kubeconfig, token);
  await granted(kubeconfig, props.product.resource, props.namespace);
  const config: unknown = parse(await readFile(props.adminKubeconfig, "utf8"));
  const { hostname, port } = new URL(String(field(config, "clusters", 0, "cluster", "server")));
  const authority = String(field(config, "clusters", 0, "cluster", "certificate-authority-data"));
  const folder = join(props.folder, `${props.namespace}-account`);
  await mkdir(folder, { mode: 0o700, recursive: true });
  await writeFile(join(folder, "token"), token, { mode: 0o600 });
  await writeFile(join(folder, "namespace"), props.namespace);
  await writeFile(join(folder, "ca.crt"), Buffer.from(authority, "base64"));
  return { folder, host: hostname, port };
}

/** Shows the account to one process alone, in the folder in which a pod has it, and becomes that process. */
const asInPod =
  "set -e; mount -t tmpfs none /run; at=/run/secrets/kubernetes.io/serviceaccount; " +
  'mkdir -p "$at"; cp "$0"/* "$at"; exec "$@"';
/** Mounts are for root; whoever is not may be it in a namespace of their own. */
const ownMounts = ["--mount", ...(process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"])];

function launchOperator({ bundle, namespace }: RoomProps, { folder, host, port }: Account): Running {
  const ports = ["--metrics-port", "0", "--health-port", "0"];
  const command = [bundle.node, ...bundle.flags, bundle.main, "run", ...ports];
  const launchedMs = performance.now();
  const child = spawn("unshare", [...ownMounts, "sh", "-c", asInPod, folder, ...command], {
    // Nothing of this shell's but where programs are: certificates or flags in its environment would be measured too.
    env: {
      ...bundle.env,
      PATH: process.env["PATH"],
      KUBERNETES_SERVICE_HOST: host,
      KUBERNETES_SERVICE_PORT: port,
      POD_NAME: `${namespace}-pod`,
      POD_NAMESPACE: namespace,
      WATCH_NAMESPACE: namespace,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = readLines(child);
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  return {
    pid: child.pid ?? 0,
    launchedMs,
    says: (message) => output.find(message),
    end: async (signal = "SIGTERM") => {
      child.kill(signal);
      await ended;
    },
  };
}

interface Said {
  readonly line: unknown;
  readonly atMs: number;
}

/** Log lines as they come. The rest of the output is kept for the message of an error only. */
function readLines(child: ChildProcess): { find(message: string): Promise<Said> } {
  const said: Said[] = [];
  const waiting = new Set<() => void>();
  let partial = "";
  let tail = "";
  let hasEnded = false;
  const wake = (): void => {
    for (const look of waiting) look();
  };
  const read = (chunk: string): void => {
    const atMs = performance.now();
    const lines = (partial + chunk).split("\n");
    partial = lines.pop() ?? "";
    tail = (tail + chunk).slice(-2000);
    for (const line of lines) if (line.startsWith("{")) said.push({ line: JSON.parse(line), atMs });
    wake();
  };
  child.stdout?.setEncoding("utf8").on("data", read);
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => (tail = (tail + chunk).slice(-2000)));
  child.once("close", () => {
    hasEnded = true;
    wake();
  });
  return {
    find: (message) =>
      new Promise((resolve, reject) => {
        const done = (): void => {
          clearTimeout(clock);
          waiting.delete(look);
        };
        const fail = (why: string): void => {
          done();
          reject(new Error(`The operator ${why} before it said "${message}":\n${tail}`));
        };
        const look = (): void => {
          const found = said.find(({ line }) => field(line, "msg") === message);
          if (found !== undefined) {
            done();
            resolve(found);
          } else if (hasEnded) fail("ended");
        };
        const clock = setTimeout(() => fail("waited a minute"), 60_000);
        waiting.add(look);
        look();
      }),
  };
}
