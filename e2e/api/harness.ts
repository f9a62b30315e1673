/** A cluster, the example operator as a process of its own under its own rights, and the audit log as the judge. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type Client,
  connect,
  homeRules,
  kinds,
  type KindSpec,
  type PolicyRule,
  rulesFor,
} from "@zuul-pulp/k8s-core";
import type { Manifest } from "@zuul-pulp/k8s-core/model";
import { boardDefinition } from "../../examples/board-operator/src/board.ts";
import { boardController } from "../../examples/board-operator/src/operator.ts";
import { type Cluster, openCluster } from "../cluster/cluster.ts";
import { granted, tokenOf, writeKubeconfig } from "../lab/account.ts";
import { type Audit, auditOf, type Request, type Rest, untilRest } from "../lab/audit.ts";
import { installDefinitions, kindOf } from "../lab/definitions.ts";
import { put } from "../lab/person.ts";

export const boards: KindSpec = kindOf(boardDefinition);
const app = "board-operator";

/** A board that becomes ready; `spec` adds to it. */
export function board(
  named: string,
  spec: object = {},
  annotations: Readonly<Record<string, string>> = {},
): Manifest {
  return {
    apiVersion: boards.apiVersion,
    kind: "Board",
    metadata: { name: named, annotations },
    spec: { text: "hello", replicas: 1, ...spec },
  };
}

const main = fileURLToPath(new URL("../../examples/board-operator/src/main.ts", import.meta.url));

export interface Lab extends AsyncDisposable {
  readonly cluster: Cluster;
  /** An administrator's client. */
  readonly admin: Client;
  readonly audit: Audit;
  /** A new namespace in which a ServiceAccount has exactly the rights that `rulesFor` computes. */
  room(namespace: string): Promise<Room>;
  /** Another token for the operator's ServiceAccount in that room. */
  token(namespace: string, secret: string): Promise<string>;
  /** What the operator of that room asked behind the mark. */
  asked(mark: number, namespace: string): Promise<readonly Request[]>;
  /** Until the operator of that room has been at rest for so long. */
  rest(namespace: string, forMs: number, counts?: Rest["counts"]): Promise<void>;
}

export interface Room {
  readonly namespace: string;
  readonly kubeconfig: string;
  /** Starts the operator and returns when it leads, or with `standby` when it is up. */
  operator(options?: {
    readonly env?: Record<string, string>;
    readonly standby?: boolean;
    /** Other rooms in which it may work too. */
    readonly rightsIn?: readonly string[];
    /** Another way to the same server. */
    readonly kubeconfig?: string;
  }): Promise<Operator>;
}

export interface Operator {
  readonly process: ChildProcess;
  readonly output: () => string;
  /** Sends the signal and waits for the end; the exit code, or the signal's name. */
  end(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
  /** Until the output has a line with these words. */
  says(words: string, withinMs?: number): Promise<void>;
}

export async function openLab(): Promise<Lab> {
  await using undo = new AsyncDisposableStack();
  const cluster = await openCluster({ provider: "native", nodes: "simulated", log: () => undefined });
  undo.defer(() => cluster.down());
  const folder = await mkdtemp(join(tmpdir(), "zuul-pulp-api-"));
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  const { client: admin, close } = await connect({ kubeconfig: cluster.kubeconfig, userAgent: "api-test" });
  undo.defer(close);
  await installDefinitions(admin, [boardDefinition]);
  const audit = auditOf(cluster.auditLog);
  const owned = undo.move();
  return {
    cluster,
    admin,
    audit,
    room: (namespace) => openRoom(admin, cluster, folder, namespace),
    token: (namespace, secret) => tokenOf(admin, namespace, app, secret),
    asked: (mark, namespace) => audit.since(mark, namespace, `${app}/`),
    rest: (namespace, forMs, counts) =>
      untilRest(audit, {
        namespace,
        program: `${app}/`,
        forMs,
        ...(counts === undefined ? {} : { counts }),
      }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function openRoom(admin: Client, cluster: Cluster, folder: string, namespace: string): Promise<Room> {
  const make = async (kind: KindSpec, named: string, members = {}, where = namespace): Promise<void> => {
    const manifest = { apiVersion: kind.apiVersion, kind: kind.kind, metadata: { name: named }, ...members };
    await put(admin, kind, manifest, where);
  };
  await make(kinds.Namespace, namespace);
  await make(kinds.ServiceAccount, app);
  await make(kinds.Role, app, { rules: rights() });
  const binding = {
    subjects: [{ kind: "ServiceAccount", name: app, namespace }],
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: app },
  };
  await make(kinds.RoleBinding, app, binding);
  const kubeconfig = join(folder, `${namespace}.kubeconfig`);
  await writeKubeconfig(cluster.kubeconfig, kubeconfig, await tokenOf(admin, namespace, app));
  await granted(kubeconfig, boards, namespace);
  return {
    namespace,
    kubeconfig,
    operator: async ({ env = {}, standby = false, rightsIn = [], kubeconfig: way = kubeconfig } = {}) => {
      for (const other of rightsIn) {
        await make(kinds.RoleBinding, "guest", binding, other);
        await granted(kubeconfig, boards, other);
      }
      const flags = [
        "--kubeconfig",
        way,
        "--namespace",
        namespace,
        "--metrics-port",
        "0",
        "--health-port",
        "0",
        "--log-level",
        "debug",
      ];
      const child = spawn(process.execPath, ["--conditions=@zuul-pulp/source", main, "run", ...flags], {
        env: { ...process.env, POD_NAME: `${namespace}-pod`, NODE_OPTIONS: "", ...env },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let output = "";
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
      const ended = new Promise<number | NodeJS.Signals | null>((resolve) =>
        child.once("close", (code, signal) => resolve(signal ?? code)),
      );
      const operator: Operator = {
        process: child,
        output: () => output,
        end: async (signal = "SIGTERM") => {
          child.kill(signal);
          return await ended;
        },
        says: async (words, withinMs = 90_000) =>
          await new Promise<void>((resolve, reject) => {
            const look = () => {
              if (!output.includes(words)) return;
              done();
              resolve();
            };
            const fail = () => {
              done();
              reject(new Error(`the operator never said "${words}":\n${output.slice(-3000)}`));
            };
            const clock = setTimeout(fail, withinMs);
            const done = () => {
              clearTimeout(clock);
              child.stdout.off("data", look);
              child.off("close", fail);
            };
            child.stdout.on("data", look);
            child.on("close", fail);
            look();
          }),
      };
      await operator.says(standby ? '"msg":"started"' : '"msg":"leading"');
      return operator;
    },
  };
}

export function rights(): readonly PolicyRule[] {
  return [...rulesFor([boardController]), ...homeRules(app)];
}
