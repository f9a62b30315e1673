/** A cluster with simulated nodes, both bundles, and rooms in it. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, connect } from "@zuul-pulp/k8s-core";
import { openCluster } from "../../e2e/cluster/cluster.ts";
import { type Bundle, bundleOf } from "../../e2e/lab/bundle.ts";
import { installDefinitions } from "../../e2e/lab/definitions.ts";
import type { Product } from "../../e2e/lab/product.ts";
import { proxyIdentity } from "../proxy/certificate.ts";
import { openRoom, type Room } from "./room.ts";

export interface Lab extends AsyncDisposable {
  readonly admin: Client;
  readonly kubeconfig: string;
  /** One line of progress. */
  log(line: string): void;
  room(product: Product, options?: { readonly replicas?: number }): Promise<Room>;
}

export interface LabProps {
  readonly log: (line: string) => void;
  /** Use the cluster of this name and leave it running. */
  readonly name?: string;
}

export async function openLab({ log, name }: LabProps): Promise<Lab> {
  const cluster = await openCluster({
    provider: "native",
    nodes: "simulated",
    log,
    ...(name === undefined ? {} : { name }),
  });
  const folder = mkdtempSync(join(tmpdir(), "zuul-pulp-proof-"));
  mkdirSync(join(folder, "compiled"));
  const { client: admin, close } = await connect({ kubeconfig: cluster.kubeconfig, userAgent: "proof" });
  const identity = await proxyIdentity();
  const bundles = new Map<string, Promise<Bundle>>();
  const definitions = new Map<string, Promise<void>>();
  const rooms: Room[] = [];
  let count = 0;
  // Namespaces of a former run may still be there on a cluster that is kept.
  const run = Date.now().toString(36);
  return {
    admin,
    kubeconfig: cluster.kubeconfig,
    log,
    room: async (product, options = {}) => {
      count += 1;
      const namespace = `${product.resource.plural}-${run}-${count}`;
      const bundle = bundles.get(product.app) ?? bundleOf(product.app);
      bundles.set(product.app, bundle);
      const installed =
        definitions.get(product.app) ?? installDefinitions(admin, product.operator.definitions);
      definitions.set(product.app, installed);
      await installed;
      const room = await openRoom({
        admin,
        adminKubeconfig: cluster.kubeconfig,
        bundle: await bundle,
        identity,
        product,
        namespace,
        folder,
        log,
        ...options,
      });
      rooms.push(room);
      return room;
    },
    async [Symbol.asyncDispose]() {
      await Promise.allSettled(rooms.map((room) => room[Symbol.asyncDispose]()));
      close();
      if (name === undefined) await cluster.down();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
