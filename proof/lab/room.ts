/**
 * One namespace with one operator, or several replicas of it, each behind its own fault proxy. The operator has the
 * rights of an installation and no more; after a SIGKILL a new process is started at once.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Client, kinds, leaseName } from "@zuul-pulp/k8s-core";
import { parse, stringify } from "yaml";
import { granted, tokenOf, writeKubeconfig } from "../../e2e/lab/account.ts";
import type { Bundle } from "../../e2e/lab/bundle.ts";
import { installWithoutDeployment } from "../../e2e/lab/installation.ts";
import { field } from "../../e2e/lab/look.ts";
import { put } from "../../e2e/lab/person.ts";
import type { Product } from "../../e2e/lab/product.ts";
import type { Identity } from "../proxy/certificate.ts";
import { openProxy, type Proxy } from "../proxy/proxy.ts";
import { launch, type Operator, says } from "./process.ts";

/** One operator process after the other, behind a proxy of its own. */
export interface Replica {
  readonly proxy: Proxy;
  /** The one that runs now, or ran last. */
  readonly operator: Operator;
  /** Processes so far, ended ones included. */
  readonly processes: readonly Operator[];
  /** Until a process leads. */
  leads(): Promise<void>;
  /** SIGKILL, the Lease given free, and a new process. */
  kill(): Promise<void>;
  /** Ends it and starts no other. */
  end(signal: NodeJS.Signals): Promise<void>;
  /** @param clockSkewMs how wrong its clock is, by default not at all */
  start(clockSkewMs?: number): void;
}

/** The first replica, and what all share. */
export interface Room extends Replica, AsyncDisposable {
  readonly product: Product;
  readonly namespace: string;
  readonly admin: Client;
  readonly bundle: Bundle;
  readonly replicas: readonly Replica[];
}

export interface RoomProps {
  readonly admin: Client;
  readonly adminKubeconfig: string;
  readonly bundle: Bundle;
  readonly identity: Identity;
  readonly product: Product;
  readonly namespace: string;
  readonly folder: string;
  /** One line of progress. */
  readonly log: (line: string) => void;
  /** Default 1; more are started by whoever asked for them, and never by themselves. */
  readonly replicas?: number;
}

export async function openRoom(props: RoomProps): Promise<Room> {
  const { admin, product, namespace, bundle, replicas: wanted = 1 } = props;
  await installWithoutDeployment(admin, product.operator, namespace);
  for (const [kind, manifest] of product.references) await put(admin, kind, manifest, namespace);
  const opened: OpenReplica[] = [];
  for (let number = 0; number < wanted; number += 1)
    opened.push(await openReplica({ ...props, pod: `${namespace}-${number}`, isRestarted: wanted === 1 }));
  const [first] = opened;
  if (first === undefined) throw new Error("a room has a replica");
  return {
    proxy: first.proxy,
    get operator() {
      return first.operator;
    },
    processes: first.processes,
    leads: () => first.leads(),
    kill: () => first.kill(),
    end: (signal) => first.end(signal),
    start: (clockSkewMs) => first.start(clockSkewMs),
    product,
    namespace,
    admin,
    bundle,
    replicas: opened,
    async [Symbol.asyncDispose]() {
      await Promise.all(opened.map((one) => one.close()));
    },
  };
}

interface OpenReplica extends Replica {
  close(): Promise<void>;
}

interface ReplicaProps extends RoomProps {
  readonly pod: string;
  /** A process that ends by itself is started again, as the kubelet does it. */
  readonly isRestarted: boolean;
}

async function openReplica(props: ReplicaProps): Promise<OpenReplica> {
  const { admin, adminKubeconfig, bundle, identity, product, namespace, folder, pod, isRestarted, log } =
    props;
  const cluster: unknown = parse(await readFile(adminKubeconfig, "utf8"));
  const at = (member: string): string => String(field(cluster, "clusters", 0, "cluster", member));
  const upstream = {
    url: at("server"),
    ca: Buffer.from(at("certificate-authority-data"), "base64").toString(),
  };
  const processes: Operator[] = [];
  const ending = new Set<Operator>();
  const start = (clockSkewMs = 0): void => {
    const compileCache = join(folder, "compiled");
    const begun = launch({ bundle, namespace, pod, kubeconfig, compileCache, clockSkewMs });
    processes.push(begun);
    void begun.ended.then(() => {
      if (!isRestarted || ending.has(begun)) return;
      log(`${pod} ended by itself: ${JSON.stringify(begun.lines.slice(-3))} ${begun.stray.slice(-1000)}`);
      start();
    });
  };
  const current = (): Operator => {
    const last = processes.at(-1);
    if (last === undefined) throw new Error(`no operator runs in ${namespace}`);
    return last;
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    ending.add(current());
    await current().end(signal);
  };
  let isClosed = false;
  const kill = async (): Promise<void> => {
    await end("SIGKILL");
    // A dead leader's Lease holds for 15 s. Fail-over has a suite of its own; here the wait would prove nothing.
    const lease = await admin.get(kinds.Lease, namespace, leaseName(product.app));
    if (lease !== undefined)
      await admin.delete(kinds.Lease, namespace, { name: lease.metadata.name, uid: lease.metadata.uid });
    if (!isClosed) start();
  };
  const proxy = await openProxy({ identity, upstream, kill });
  const viaProxy = join(folder, `${pod}.proxy.kubeconfig`);
  const way = {
    server: proxy.url,
    "certificate-authority-data": Buffer.from(identity.ca).toString("base64"),
  };
  await writeFile(
    viaProxy,
    stringify({
      ...Object(cluster),
      clusters: [{ name: field(cluster, "clusters", 0, "name"), cluster: way }],
    }),
    { mode: 0o600 },
  );
  const kubeconfig = join(folder, `${pod}.kubeconfig`);
  await writeKubeconfig(viaProxy, kubeconfig, await tokenOf(admin, namespace, product.app));
  await granted(kubeconfig, product.resource, namespace);
  start();
  return {
    proxy,
    get operator() {
      return current();
    },
    processes,
    leads: () => current().line(says("leading")),
    kill,
    end,
    start,
    close: async () => {
      isClosed = true;
      await end("SIGKILL");
      proxy[Symbol.dispose]();
    },
  };
}
