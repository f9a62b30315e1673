/** A cluster with simulated nodes, both bundles, and rooms in it. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, connect, isAnswer, kinds } from "@zuul-pulp/k8s-core";
import { type Bundle, bundleOf } from "../../bench/lab/bundle.ts";
import type { Product } from "../../bench/lab/product.ts";
import { conditionOf, eventually, person, until } from "../../e2e/api/harness.ts";
import { openCluster } from "../../e2e/cluster/cluster.ts";
import { proxyIdentity } from "../proxy/certificate.ts";
import { openRoom, type Room } from "./room.ts";

export interface Lab extends AsyncDisposable {
  readonly admin: Client;
  readonly kubeconfig: string;
  readonly auditLog: string | undefined;
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
    auditLog: cluster.auditLog,
    room: async (product, options = {}) => {
      count += 1;
      const namespace = `${product.resource.plural}-${run}-${count}`;
      const bundle = bundles.get(product.app) ?? bundleOf(product.app);
      bundles.set(product.app, bundle);
      const installed = definitions.get(product.app) ?? installDefinition(admin, product);
      definitions.set(product.app, installed);
      await installed;
      const room = await openRoom({
        admin,
        adminKubeconfig: cluster.kubeconfig,
        auditLog: cluster.auditLog,
        bundle: await bundle,
        identity,
        product,
        namespace,
        folder,
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

async function installDefinition(admin: Client, { operator, resource }: Product): Promise<void> {
  for (const definition of operator.definitions) {
    const crd = definition.toCrd();
    // Another run may be installing the same one at this moment.
    await eventually(async () => {
      try {
        await admin.apply(kinds.CustomResourceDefinition, undefined, crd, person);
        return true;
      } catch (error) {
        if (isAnswer(error, "conflict", "alreadyExists")) return false;
        throw error;
      }
    });
    await until(
      admin,
      kinds.CustomResourceDefinition,
      undefined,
      crd.metadata.name,
      (live) => conditionOf(live, "Established") === "True",
    );
  }
  await eventually(async () => {
    try {
      await admin.list(resource, undefined);
      return true;
    } catch (error) {
      if (isAnswer(error, "notServed", "overloaded")) return false;
      throw error;
    }
  });
}
