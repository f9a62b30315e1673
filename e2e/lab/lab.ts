/** What suites and figures share: a cluster with simulated nodes, both bundles, and operators at work. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, connect } from "@zuul-pulp/k8s-core";
import { type Cluster, openCluster } from "../cluster/cluster.ts";
import { type Audit, auditOf, isWrite } from "./audit.ts";
import { bundleOf } from "./bundle.ts";
import { installDefinitions } from "./definitions.ts";
import type { Product } from "./product.ts";
import { openRoom, type Room, type Running } from "./room.ts";

export interface Lab extends AsyncDisposable {
  /** An administrator's client. */
  readonly admin: Client;
  readonly audit: Audit;
  readonly cluster: Cluster;
  /** A new namespace for one operator. */
  room(product: Product, purpose: string): Promise<Room>;
  /** A running operator with ten settled resources; the same one for all who ask. */
  ten(product: Product): Promise<Busy>;
  /** A running operator with one settled resource, named `one`; the same one for all who ask. */
  one(product: Product): Promise<Busy>;
}

/** Begin of the user agent of `admin`: the audit log has its requests too. */
export const labAgent = "lab";

export interface Busy {
  readonly room: Room;
  readonly running: Running;
  readonly names: readonly string[];
  /** Objects that the operator made. */
  readonly children: number;
}

/** @param signal ends the start of the cluster; afterwards it is for the caller to dispose of the lab */
export async function openLab(log: (line: string) => void, signal: AbortSignal): Promise<Lab> {
  await using undo = new AsyncDisposableStack();
  const cluster = await openCluster({ provider: "native", nodes: "simulated", log, signal });
  undo.defer(() => cluster.down());
  const folder = await mkdtemp(join(tmpdir(), "zuul-pulp-lab-"));
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  const { client: admin, close } = await connect({ kubeconfig: cluster.kubeconfig, userAgent: labAgent });
  undo.defer(close);
  const audit = auditOf(cluster.auditLog);
  const operators: Running[] = [];
  undo.defer(async () => {
    await Promise.all(operators.map((running) => running.end("SIGKILL")));
  });
  const bundle = once((product) => {
    log(`bundling ${product.app}`);
    return bundleOf(product.app);
  });
  const definitions = once(({ operator }) => installDefinitions(admin, operator.definitions));
  const room = async (product: Product, purpose: string): Promise<Room> => {
    await definitions(product);
    return openRoom({
      admin,
      adminKubeconfig: cluster.kubeconfig,
      audit,
      bundle: await bundle(product),
      product,
      namespace: `${product.resource.plural}-${purpose}`,
      folder,
      started: (running) => operators.push(running),
    });
  };
  const busy = async (product: Product, purpose: string, names: readonly string[]): Promise<Busy> => {
    log(`${product.app}: ${names.length} resource(s) until all is quiet`);
    const home = await room(product, purpose);
    await home.references();
    const running = await home.operator();
    const mark = await audit.mark();
    for (const name of names) await home.resource(name);
    for (const name of names) await home.carriedOut(name, 0);
    await home.quiet(3000);
    const writes = (await home.requests(mark)).filter(isWrite);
    const made = writes.filter(
      ({ resource, subresource }) =>
        resource !== product.resource.plural && resource !== "events" && subresource === "",
    );
    const children = new Set(made.map(({ resource, name }) => `${resource}/${name}`)).size;
    return { room: home, running, names, children };
  };
  const owned = undo.move();
  return {
    admin,
    audit,
    cluster,
    room,
    ten: once((product) =>
      busy(
        product,
        "ten",
        Array.from({ length: 10 }, (_, number) => `r${number}`),
      ),
    ),
    one: once((product) => busy(product, "one", ["one"])),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Makes it on the first call, and gives the same afterwards. */
function once<T>(make: (product: Product) => Promise<T>): (product: Product) => Promise<T> {
  const made = new Map<Product, Promise<T>>();
  return (product) => {
    const known = made.get(product) ?? make(product);
    made.set(product, known);
    return known;
  };
}
