/**
 * One namespace with one operator behind its own fault proxy. The operator has the rights of an installation and no
 * more; after a SIGKILL a new process is started at once.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Client, connect, isAnswer, kinds, leaseName } from "@zuul-pulp/k8s-core";
import { parse, stringify } from "yaml";
import { auditOf } from "../../bench/lab/audit.ts";
import type { Bundle } from "../../bench/lab/bundle.ts";
import type { Product } from "../../bench/lab/product.ts";
import { installRights, kubeconfigOf, type RoomProps as BenchRoom } from "../../bench/lab/room.ts";
import { eventually, field, person } from "../../e2e/api/harness.ts";
import type { Identity } from "../proxy/certificate.ts";
import { openProxy, type Proxy } from "../proxy/proxy.ts";
import { launch, type Operator, says } from "./process.ts";

export interface Room extends AsyncDisposable {
  readonly product: Product;
  readonly namespace: string;
  readonly admin: Client;
  readonly proxy: Proxy;
  /** The one that runs now. */
  readonly operator: Operator;
  /** Processes so far, ended ones included. */
  readonly processes: readonly Operator[];
  /** Until a process leads. */
  leads(): Promise<void>;
  kill(): Promise<void>;
}

export interface RoomProps {
  readonly admin: Client;
  readonly adminKubeconfig: string;
  readonly auditLog: string | undefined;
  readonly bundle: Bundle;
  readonly identity: Identity;
  readonly product: Product;
  readonly namespace: string;
  readonly folder: string;
}

export async function openRoom(props: RoomProps): Promise<Room> {
  const { admin, adminKubeconfig, auditLog, bundle, identity, product, namespace, folder } = props;
  const cluster: unknown = parse(await readFile(adminKubeconfig, "utf8"));
  const upstream = {
    url: String(field(cluster, "clusters", 0, "cluster", "server")),
    ca: Buffer.from(
      String(field(cluster, "clusters", 0, "cluster", "certificate-authority-data")),
      "base64",
    ).toString(),
  };
  const processes: Operator[] = [];
  let isClosed = false;
  const killed = new Set<Operator>();
  const start = (): void => {
    const begun = launch({ bundle, namespace, kubeconfig, compileCache: join(folder, "compiled") });
    processes.push(begun);
    // What ends by itself is started again, as the kubelet does it.
    void begun.ended.then(() => {
      if (!isClosed && !killed.has(begun)) start();
    });
  };
  const current = (): Operator => {
    const last = processes.at(-1);
    if (last === undefined) throw new Error(`no operator runs in ${namespace}`);
    return last;
  };
  const kill = async (): Promise<void> => {
    killed.add(current());
    await current().end("SIGKILL");
    // A dead leader's Lease holds for 15 s. Fail-over has tests of its own; here the wait would prove nothing.
    const lease = await admin.get(kinds.Lease, namespace, leaseName(product.app));
    if (lease !== undefined)
      await admin.delete(kinds.Lease, namespace, { name: lease.metadata.name, uid: lease.metadata.uid });
    if (!isClosed) start();
  };
  const proxy = await openProxy({ identity, upstream, kill });
  const viaProxy = join(folder, `${namespace}.proxy.kubeconfig`);
  const way = { server: proxy.url, "certificate-authority-data": Buffer.from(identity.ca).toString("base64") };
  await writeFile(
    viaProxy,
    stringify({ ...Object(cluster), clusters: [{ name: field(cluster, "clusters", 0, "name"), cluster: way }] }),
    { mode: 0o600 },
  );
  const bench: BenchRoom = {
    admin,
    adminKubeconfig: viaProxy,
    audit: auditOf(auditLog),
    bundle,
    product,
    namespace,
    folder,
    started: () => undefined,
  };
  const put: Parameters<typeof installRights>[1] = async (kind, manifest) => {
    const metadata = { ...manifest.metadata, ...(kind.namespaced ? { namespace } : {}) };
    await admin.apply(kind, kind.namespaced ? namespace : undefined, { ...manifest, metadata }, person);
  };
  await installRights(bench, put);
  const kubeconfig = await kubeconfigOf(bench, put);
  await granted(kubeconfig, product, namespace);
  for (const [kind, manifest] of product.references) await put(kind, manifest);
  start();
  return {
    product,
    namespace,
    admin,
    proxy,
    get operator() {
      return current();
    },
    processes,
    leads: () => current().line(says("leading")),
    kill,
    async [Symbol.asyncDispose]() {
      isClosed = true;
      await current().end("SIGKILL");
      await proxy[Symbol.asyncDispose]();
    },
  };
}

/** Until the authorizer has heard of the binding. */
async function granted(kubeconfig: string, { resource }: Product, namespace: string): Promise<void> {
  const { client, close } = await connect({ kubeconfig, userAgent: "proof" });
  try {
    await eventually(async () => {
      try {
        await client.list(resource, namespace);
        return true;
      } catch (error) {
        if (isAnswer(error, "forbidden", "unauthorized")) return false;
        throw error;
      }
    });
  } finally {
    close();
  }
}
