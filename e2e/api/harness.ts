/** A cluster, the example operator as a process of its own under its own rights, and the audit log as the judge. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, open, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type Client,
  connect,
  homeRules,
  isAnswer,
  kinds,
  type KindSpec,
  type PolicyRule,
  rulesFor,
} from "@zuul-pulp/k8s-core";
import type { LiveObject, Manifest } from "@zuul-pulp/k8s-core/model";
import { parse, stringify } from "yaml";
import { boardDefinition } from "../../examples/board-operator/src/board.ts";
import { boardController } from "../../examples/board-operator/src/operator.ts";
import { type Cluster, openCluster } from "../cluster/cluster.ts";

export const boards: KindSpec = {
  apiVersion: boardDefinition.apiVersion,
  kind: "Board",
  plural: "boards",
  namespaced: true,
};
export const person = { fieldManager: "a-person" };

const main = fileURLToPath(new URL("../../examples/board-operator/src/main.ts", import.meta.url));

export interface Lab extends AsyncDisposable {
  readonly cluster: Cluster;
  /** An administrator's client. */
  readonly admin: Client;
  readonly folder: string;
  /** A new namespace in which a ServiceAccount has exactly the rights that `rulesFor` computes. */
  room(name: string): Promise<Room>;
  /** Another token for the operator's ServiceAccount in that room. */
  token(namespace: string, name: string): Promise<string>;
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
  const cluster = await openCluster({ provider: "native", nodes: "simulated", log: () => undefined });
  const folder = await mkdtemp(join(tmpdir(), "zuul-pulp-api-"));
  const { client: admin, close } = await connect({ kubeconfig: cluster.kubeconfig, userAgent: "api-test" });
  await installCrd(admin);
  return {
    cluster,
    admin,
    folder,
    room: (name) => openRoom(admin, cluster, folder, name),
    token: (namespace, name) => tokenOf(admin, namespace, name),
    async [Symbol.asyncDispose]() {
      close();
      await cluster.down();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function installCrd(admin: Client): Promise<void> {
  const crd = boardDefinition.toCrd();
  await admin.apply(kinds.CustomResourceDefinition, undefined, crd, person);
  await until(
    admin,
    kinds.CustomResourceDefinition,
    undefined,
    crd.metadata.name,
    (live) => conditionOf(live, "Established") === "True",
  );
  await eventually(async () => {
    try {
      await admin.list(boards, undefined);
      return true;
    } catch (error) {
      if (isAnswer(error, "notServed", "overloaded")) return false;
      throw error;
    }
  });
}

async function openRoom(admin: Client, cluster: Cluster, folder: string, namespace: string): Promise<Room> {
  const name = "board-operator";
  const object = (kind: KindSpec, members: object, named = name): Manifest => ({
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: { name: named, ...(kind.namespaced ? { namespace } : {}) },
    ...members,
  });
  await admin.apply(kinds.Namespace, undefined, object(kinds.Namespace, {}, namespace), person);
  await admin.apply(kinds.ServiceAccount, namespace, object(kinds.ServiceAccount, {}), person);
  await admin.apply(kinds.Role, namespace, object(kinds.Role, { rules: rights() }), person);
  const subjects = [{ kind: "ServiceAccount", name, namespace }];
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name };
  await admin.apply(kinds.RoleBinding, namespace, object(kinds.RoleBinding, { subjects, roleRef }), person);
  const bearer = await tokenOf(admin, namespace, `${name}-token`);
  const kubeconfig = join(folder, `${namespace}.kubeconfig`);
  const config: unknown = parse(await readFile(cluster.kubeconfig, "utf8"));
  await writeFile(kubeconfig, stringify(withToken(config, bearer)), { mode: 0o600 });
  await granted(kubeconfig, namespace);
  return {
    namespace,
    kubeconfig,
    operator: async ({ env = {}, standby = false, rightsIn = [], kubeconfig: way = kubeconfig } = {}) => {
      for (const other of rightsIn) {
        await admin.apply(
          kinds.RoleBinding,
          other,
          {
            ...object(kinds.RoleBinding, { subjects, roleRef }, "guest"),
            metadata: { name: "guest", namespace: other },
          },
          person,
        );
        await granted(kubeconfig, other);
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

async function tokenOf(admin: Client, namespace: string, name: string): Promise<string> {
  const metadata = {
    name,
    namespace,
    annotations: { "kubernetes.io/service-account.name": "board-operator" },
  };
  await admin.apply(
    kinds.Secret,
    namespace,
    { apiVersion: "v1", kind: "Secret", type: "kubernetes.io/service-account-token", metadata },
    person,
  );
  const filled = await until(
    admin,
    kinds.Secret,
    namespace,
    name,
    (live) => field(live, "data", "token") !== undefined,
  );
  return Buffer.from(word(filled, "data", "token"), "base64").toString();
}

/** Until the authorizer knows of the binding: it hears of it by a watch. */
async function granted(kubeconfig: string, namespace: string): Promise<void> {
  const { client, close } = await connect({ kubeconfig, userAgent: "api-test" });
  try {
    await eventually(async () => {
      try {
        await client.list(boards, namespace);
        return true;
      } catch (error) {
        if (isAnswer(error, "forbidden")) return false;
        throw error;
      }
    });
  } finally {
    close();
  }
}

export function rights(): readonly PolicyRule[] {
  return [...rulesFor([boardController]), ...homeRules("board-operator")];
}

function withToken(config: unknown, token: string): unknown {
  if (typeof config !== "object" || config === null || !("users" in config) || !Array.isArray(config.users))
    throw new Error("no users in the kubeconfig");
  return {
    ...config,
    users: config.users.map((user: { name: string }) => ({ name: user.name, user: { token } })),
  };
}

/** The value under these members; `undefined` when there is none. */
export function field(value: unknown, ...path: readonly (string | number)[]): unknown {
  let at = value;
  for (const step of path) at = typeof at === "object" && at !== null ? Reflect.get(at, step) : undefined;
  return at;
}

/** The text under these members; empty when there is none. */
export function word(value: unknown, ...path: readonly string[]): string {
  const found = field(value, ...path);
  return typeof found === "string" ? found : "";
}

export function conditionOf(live: LiveObject | undefined, type: string, member = "status"): unknown {
  const conditions = field(live, "status", "conditions");
  return Array.isArray(conditions)
    ? field(
        conditions.find((one) => field(one, "type") === type),
        member,
      )
    : undefined;
}

export function isReady(live: LiveObject): boolean {
  return (
    conditionOf(live, "Ready") === "True" &&
    field(live, "status", "observedGeneration") === live.metadata.generation
  );
}

/** Watches one object until it is as wanted. @throws Error with the last look at it */
export async function until(
  client: Client,
  kind: KindSpec,
  namespace: string | undefined,
  name: string,
  isWanted: (live: LiveObject) => boolean,
  withinMs = 90_000,
): Promise<LiveObject> {
  const signal = AbortSignal.timeout(withinMs);
  let last: LiveObject | undefined;
  try {
    for (;;)
      for await (const event of client.watch(kind, namespace, { name, timeoutSeconds: 60, signal }))
        if ("object" in event && event.type !== "DELETED") {
          last = event.object;
          if (isWanted(last)) return last;
        }
  } catch (cause) {
    throw new Error(`${kind.kind} ${name} is not as wanted: ${JSON.stringify(last?.["status"] ?? last)}`, {
      cause,
    });
  }
}

/** Watches until the object is gone, or has another uid. */
export async function gone(
  client: Client,
  kind: KindSpec,
  namespace: string,
  name: string,
  uid: string,
  withinMs = 90_000,
): Promise<void> {
  const signal = AbortSignal.timeout(withinMs);
  const present = await client.get(kind, namespace, name);
  if (present === undefined || present.metadata.uid !== uid) return;
  for await (const event of client.watch(kind, namespace, {
    name,
    timeoutSeconds: 60,
    signal,
    resourceVersion: present.metadata.resourceVersion,
  }))
    if (event.type === "DELETED") return;
  throw new Error(`${kind.kind} ${name} is still there`);
}

/** For what cannot be watched, such as a log that is written elsewhere. */
export async function eventually(look: () => Promise<boolean>, withinMs = 90_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await look())) {
    if (performance.now() > end)
      throw new Error(`not so after ${withinMs} ms: ${look.toString().slice(0, 200)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export interface AuditLine {
  readonly verb: string;
  readonly userAgent: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  readonly namespace: string;
  readonly code: number;
  readonly isDryRun: boolean;
  readonly uri: string;
  readonly receivedMs: number;
}

/** What the operator in this namespace asked the server since `mark`. */
export async function auditSince(
  cluster: Cluster,
  mark: number,
  namespace: string,
): Promise<readonly AuditLine[]> {
  if (cluster.auditLog === undefined) throw new Error("this cluster keeps no audit log");
  await using file = await open(cluster.auditLog);
  const { size } = await file.stat();
  const { buffer } = await file.read(
    Buffer.alloc(Math.max(0, size - mark)),
    0,
    Math.max(0, size - mark),
    mark,
  );
  return buffer
    .toString("utf8")
    .split("\n")
    .flatMap((line) => {
      if (!line.includes("board-operator/")) return [];
      const event: unknown = JSON.parse(line);
      const uri = word(event, "requestURI");
      const audit = {
        verb: word(event, "verb"),
        userAgent: word(event, "userAgent"),
        resource: word(event, "objectRef", "resource"),
        subresource: word(event, "objectRef", "subresource"),
        name: word(event, "objectRef", "name"),
        namespace: word(event, "objectRef", "namespace"),
        code: Number(field(event, "responseStatus", "code")),
        isDryRun: uri.includes("dryRun=All"),
        uri,
        receivedMs: Date.parse(word(event, "requestReceivedTimestamp")),
      };
      return audit.namespace === namespace && field(event, "stage") === "ResponseComplete" ? [audit] : [];
    });
}

export async function auditMark(cluster: Cluster): Promise<number> {
  return cluster.auditLog === undefined ? 0 : (await stat(cluster.auditLog)).size;
}

/** Requests that changed something, Leases aside. */
export function writesOf(lines: readonly AuditLine[]): readonly AuditLine[] {
  const writing = ["create", "update", "patch", "delete", "deletecollection"];
  return lines.filter(
    ({ verb, code, isDryRun, resource }) =>
      writing.includes(verb) && code < 300 && !isDryRun && resource !== "leases",
  );
}
