/**
 * The example operator and both real ones as `install` leaves them: `render` shows what they send, every watch scope has
 * the rights that it needs, and no change is missed while connections break, tokens change and the server restarts.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Client,
  connect,
  isAnswer,
  kinds,
  type KindSpec,
  leaseName,
  namespacesOf,
  type WatchScope,
} from "@zuul-pulp/k8s-core";
import { installManifests, type OperatorDefinition } from "@zuul-pulp/k8s-core/cli";
import { isRetained, type LiveObject, type Manifest } from "@zuul-pulp/k8s-core/model";
import { parse, stringify } from "yaml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { boardOperator } from "../../examples/board-operator/src/operator.ts";
import { type Cluster, openCluster } from "../cluster/cluster.ts";
import { granted, tokenOf, writeKubeconfig } from "../lab/account.ts";
import { childrenOf } from "../lab/children.ts";
import { installDefinitions } from "../lab/definitions.ts";
import { installWithoutDeployment } from "../lab/installation.ts";
import { eventually, field, until, word } from "../lab/look.ts";
import { person, put } from "../lab/person.ts";
import { products } from "../lab/product.ts";
import { rendered } from "../lab/rendered.ts";
import { pairsOf, rightsUsed } from "../lab/rights.ts";
import { openFront } from "./front.ts";
import { board, boards } from "./harness.ts";
import { inProcess } from "./in-process.ts";

interface Subject {
  readonly operator: OperatorDefinition;
  readonly resource: KindSpec;
  readonly references: readonly (readonly [KindSpec, Manifest])[];
  manifest(name: string): Manifest;
}

const example: Subject = {
  operator: boardOperator,
  resource: boards,
  references: [],
  manifest: (name) => board(name, { archive: { size: "1Gi" } }),
};
const subjects: readonly Subject[] = [example, ...products];
const named = subjects.map((subject) => [subject.operator.name, subject] as const);

let cluster: Cluster;
let admin: Client;
let folder: string;
let close: () => void;
beforeAll(async () => {
  cluster = await openCluster({ provider: "native", nodes: "simulated", log: () => undefined });
  folder = await mkdtemp(join(tmpdir(), "zuul-pulp-installed-"));
  ({ client: admin, close } = await connect({ kubeconfig: cluster.kubeconfig, userAgent: "api-test" }));
  await installDefinitions(
    admin,
    subjects.flatMap(({ operator }) => operator.definitions),
  );
}, 300_000);
afterAll(async () => {
  close();
  await cluster.down();
  await rm(folder, { recursive: true, force: true });
});

const ensureNamespace = (name: string): Promise<void> =>
  put(admin, kinds.Namespace, { apiVersion: "v1", kind: "Namespace", metadata: { name } });

interface Installed {
  readonly namespace: string;
  readonly kubeconfig: string;
  /** What the Deployment says about the namespaces to watch. */
  readonly watched: string;
  /** Gives the account another token, in the file that the operator reads, and revokes the old one. */
  rotate(): Promise<void>;
}

async function install(
  { operator, resource }: Subject,
  namespace: string,
  watch: WatchScope,
): Promise<Installed> {
  const deployment = await installWithoutDeployment(admin, operator, namespace, watch);
  const env = field(deployment, "spec", "template", "spec", "containers", 0, "env");
  const watched = Array.isArray(env) ? env.find((one) => word(one, "name") === "WATCH_NAMESPACE") : {};
  const kubeconfig = join(folder, `${operator.name}-${namespace}.kubeconfig`);
  const give = async (secret: string): Promise<void> => {
    const token = await tokenOf(admin, namespace, operator.name, `${operator.name}-${secret}`);
    await writeKubeconfig(cluster.kubeconfig, kubeconfig, token);
  };
  await give("first");
  for (const seen of namespacesOf(watch, namespace)) await granted(kubeconfig, resource, seen);
  return {
    namespace,
    kubeconfig,
    watched: word(watched, "value"),
    rotate: async () => {
      await give("second");
      const old = await admin.get(kinds.Secret, namespace, `${operator.name}-first`);
      if (old !== undefined) await admin.delete(kinds.Secret, namespace, old.metadata);
    },
  };
}

async function apply(subject: Subject, namespace: string, name: string): Promise<void> {
  for (const [kind, manifest] of subject.references) await put(admin, kind, manifest, namespace);
  await put(admin, subject.resource, subject.manifest(name), namespace);
}

/** Until the plan is carried out as far as simulated pods allow: every workload is there, and ready. */
async function settled({ operator }: Subject, namespace: string, name: string, count: number): Promise<void> {
  await eventually(
    async () =>
      (await childrenOf(admin, operator, namespace, name)).filter(({ kind }) => kind !== kinds.Pod).length >=
      count,
    60_000,
  );
}

/** `actual` with the stand-in wherever `shown` has one and the rest of the text agrees. */
function asShown(actual: unknown, shown: unknown, isSecretData = false): unknown {
  if (typeof actual === "string" && typeof shown === "string") {
    const [real, wanted] = isSecretData ? [text(actual), text(shown)] : [actual, shown];
    const pattern = wanted.split("***").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(`^${pattern.join("[\\s\\S]*?")}$`).test(real) ? shown : actual;
  }
  if (Array.isArray(actual) && Array.isArray(shown))
    return actual.map((one, index) => asShown(one, shown[index], isSecretData));
  if (typeof actual !== "object" || actual === null || typeof shown !== "object" || shown === null)
    return actual;
  const isSecret = field(shown, "kind") === "Secret";
  return Object.fromEntries(
    Object.entries(actual).map(([name, value]) => [
      name,
      asShown(value, field(shown, name), isSecretData || (isSecret && name === "data")),
    ]),
  );
}

const text = (base64: string): string => Buffer.from(base64, "base64").toString("utf8");

describe.each(named)("%s", (_, subject) => {
  const { operator, resource } = subject;
  const short = resource.plural;

  test("sends byte for byte what render shows, but for what only the cluster knows", async () => {
    const home = await install(subject, `${short}-render`, { kind: "own" });
    const shown = (await rendered(subject, home.namespace, "one")).manifests;
    const sent: string[] = [];
    await using front = await openFront(home.kubeconfig, {
      onWrite: ({ method, path, body }) => {
        if (
          (method === "PATCH" || method === "POST") &&
          !path.includes("/status") &&
          !path.includes("events")
        )
          sent.push(body);
      },
    });
    await using _running = inProcess({ operator, ...home, kubeconfig: front.kubeconfig });
    await apply(subject, home.namespace, "one");
    await settled(subject, home.namespace, "one", shown.length);
    const bodies = sent.map((body): unknown => JSON.parse(body));
    for (const manifest of shown) {
      const pattern = new RegExp(`^${manifest.metadata.name.replaceAll("***", "[0-9a-f]+")}$`);
      const at = bodies.findIndex(
        (body) => word(body, "kind") === manifest.kind && pattern.test(word(body, "metadata", "name")),
      );
      const owners = field(bodies[at], "metadata", "ownerReferences");
      expect([manifest.kind, manifest.metadata.name, owners === undefined]).toEqual([
        manifest.kind,
        manifest.metadata.name,
        isRetained(manifest),
      ]);
      const metadata = { ...manifest.metadata, ...(owners === undefined ? {} : { ownerReferences: owners }) };
      const wanted = { ...manifest, metadata };
      expect(JSON.stringify(asShown(bodies[at], wanted))).toBe(JSON.stringify(wanted));
    }
  });

  test.each<[string, string, WatchScope, readonly string[]]>([
    ["its own namespace", "own", { kind: "own" }, ["own"]],
    ["one other namespace", "home-b", { kind: "namespaces", namespaces: [`${short}-b`] }, ["b"]],
    [
      "several namespaces",
      "home-c",
      { kind: "namespaces", namespaces: [`${short}-c`, `${short}-d`] },
      ["c", "d"],
    ],
    ["the whole cluster", "home-e", { kind: "all" }, ["e", "f"]],
  ])(
    "has the rights that it needs to watch %s",
    async (_scope, at, watch, names) => {
      const namespaces = names.map((name) => `${short}-${name}`);
      for (const namespace of namespaces) await ensureNamespace(namespace);
      const home = await install(subject, `${short}-${at}`, watch);
      const running = inProcess({ operator, ...home });
      for (const namespace of namespaces) await apply(subject, namespace, "one");
      for (const namespace of namespaces) {
        const { manifests } = await rendered(subject, namespace, "one");
        await settled(subject, namespace, "one", manifests.length);
      }
      expect(await running.end()).toBe(0);
      const login = new RegExp(`^system:serviceaccount:${home.namespace}:${operator.name}$`);
      const { pairs, denied } = await rightsUsed(cluster, login, `${operator.name}/`);
      expect(denied).toEqual([]);
      // Lists are for servers that cannot stream, the watch of the Lease is for a standby.
      const needed = pairsOf(installRules(subject, home.namespace, watch)).filter((pair) =>
        pair.startsWith("watch "),
      );
      expect(needed.filter((pair) => !pairs.has(pair) && !pair.includes("leases"))).toEqual([]);
    },
    120_000,
  );
});

function installRules({ operator }: Subject, namespace: string, watch: WatchScope) {
  const { rest } = installManifests({ operator, namespace, watch, image: operator.image, grants: {} });
  return rest.flatMap((manifest) => {
    const rules: unknown = manifest["rules"];
    return Array.isArray(rules) ? rules : [];
  });
}

describe("what breaks between operator and server", () => {
  test.each(named)(
    "%s misses no change",
    async (_, subject) => {
      const { operator, resource } = subject;
      const home = await install(subject, `${resource.plural}-broken`, { kind: "own" });
      await using front = await openFront(home.kubeconfig);
      const running = inProcess({ operator, ...home, kubeconfig: front.kubeconfig });
      await apply(subject, home.namespace, "one");
      const { manifests } = await rendered(subject, home.namespace, "one");
      await settled(subject, home.namespace, "one", manifests.length);
      const drift = async (what: string, during: () => Promise<void> | void): Promise<void> => {
        const services = (await childrenOf(admin, operator, home.namespace, "one")).filter(
          ({ kind }) => kind === kinds.Service,
        );
        const [service] = services;
        if (service === undefined) throw new Error("no Service");
        const { name, labels = {} } = service.live.metadata;
        const edit = { metadata: { labels: { "app.kubernetes.io/component": "elsewhere" } } };
        await during();
        await eventually(async () => {
          try {
            await admin.mergePatch(kinds.Service, home.namespace, name, edit, person);
            return true;
          } catch (error) {
            if (isAnswer(error, "network", "transient")) return false;
            throw error;
          }
        });
        const mine = labels["app.kubernetes.io/component"];
        const isMine = ({ metadata }: LiveObject): boolean =>
          metadata.labels?.["app.kubernetes.io/component"] === mine;
        await until(admin, kinds.Service, home.namespace, name, isMine, 60_000).catch((cause: unknown) => {
          throw new Error(`the ${what} made it miss a change`, { cause });
        });
      };
      await drift("cut", () => front.cut());
      await drift("token", async () => {
        await home.rotate();
        // The front's file stands for the one that the kubelet renews.
        const fresh: unknown = parse(await readFile(home.kubeconfig, "utf8"));
        const seen: unknown = parse(await readFile(front.kubeconfig, "utf8"));
        await writeFile(front.kubeconfig, stringify({ ...Object(seen), users: field(fresh, "users") }));
      });
      await drift("restart", async () => await cluster.restartApiServer?.());
      expect(await running.end()).toBe(0);
    },
    240_000,
  );

  test("a first look at everything that takes longer than a Lease lasts costs no Lease", async () => {
    const home = await install(example, "boards-many", { kind: "own" });
    await using front = await openFront(home.kubeconfig, { presentAfterMs: 17_000 });
    await using _ = inProcess({ operator: example.operator, ...home, kubeconfig: front.kubeconfig });
    await apply(example, home.namespace, "one");
    const { manifests } = await rendered(example, home.namespace, "one");
    await settled(example, home.namespace, "one", manifests.length);
    const lease = await admin.get(kinds.Lease, home.namespace, leaseName(example.operator.name));
    expect(field(lease, "spec", "leaseTransitions")).toBe(0);
  });
});
