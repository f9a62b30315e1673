import { performance } from "node:perf_hooks";
import {
  type Applied,
  defaultGrants,
  type KeyValues,
  type NewSecret,
  type Plan,
  type ReconcileIO,
} from "@zuul-pulp/k8s-core/model";
import { type Product, products } from "../../e2e/lab/product.ts";
import type { Figure } from "../figure.ts";
import { spread } from "../statistics.ts";

const warmUp = 100;
const rounds = 300;

export const figure: Figure = {
  name: "synth",
  meaning:
    "Steps 1 to 4 of a pass in this process, from source: parse, resolve from memory, render and synth one resource. " +
    "No cluster, no comparison with live objects.",
  measure: async () => {
    const readings = [];
    for (const product of products) {
      const io = memoryIO(product);
      const tookMs: number[] = [];
      let manifests = 0;
      for (let round = 0; round < warmUp + rounds; round += 1) {
        const beganMs = performance.now();
        const plan = await planOf(product, io);
        if (round >= warmUp) tookMs.push(performance.now() - beganMs);
        manifests = plan.stages.flatMap((stage) => stage.manifests).length;
      }
      const subject = `${product.app}: ${manifests} manifests`;
      readings.push({ subject, measured: spread(tookMs), n: rounds });
    }
    return readings;
  },
};

class Planned extends Error {
  readonly plan: Plan;
  constructor(plan: Plan) {
    super("The plan is made");
    this.plan = plan;
  }
}

async function planOf({ operator, manifest }: Product, io: ReconcileIO): Promise<Plan> {
  const [controller] = operator.controllers;
  const resource = manifest("one");
  const metadata = { ...resource.metadata, namespace: "bench", uid: "0", generation: 1 };
  try {
    await controller?.reconcile({ ...resource, metadata }, io);
  } catch (error) {
    if (error instanceof Planned) return error.plan;
    throw error;
  }
  throw new Error(`${operator.name} made no plan`);
}

/** The edge of a pass without a cluster: generated Secrets stay here, and applying ends the pass. */
function memoryIO({ operator, references }: Product): ReconcileIO {
  const secrets = new Map<string, KeyValues>();
  const keep = (secret: NewSecret): Promise<KeyValues> => {
    secrets.set(secret.name, secret);
    return Promise.resolve(secret);
  };
  const maps = new Map(references.map(([, manifest]) => [manifest.metadata.name, keyValuesOf(manifest)]));
  return {
    readSecret: (name) => Promise.resolve(secrets.get(name)),
    readConfigMap: (name) => Promise.resolve(maps.get(name)),
    createSecret: keep,
    replaceSecret: keep,
    now: () => Date.now(),
    live: () => undefined,
    liveOf: () => [],
    pods: () => [],
    facts: () => undefined,
    apply: (plan): Promise<Applied> => Promise.reject(new Planned(plan)),
    grants: defaultGrants(operator.grants),
    signal: new AbortController().signal,
  };
}

function keyValuesOf(manifest: Product["references"][number][1]): KeyValues {
  const data: unknown = manifest["data"];
  const entries = Object.entries(Object(data)).map(
    ([key, value]) => [key, new TextEncoder().encode(String(value))] as const,
  );
  return { name: manifest.metadata.name, labels: {}, entries: new Map(entries) };
}
