/**
 * The example operator and both real ones as `install` leaves them: `render` shows what they send, every watch scope has
 * the rights that it needs, and no change is missed while connections break, tokens change and the server restarts.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, connect, isAnswer, kinds, type KindSpec } from "@zuul-pulp/k8s-core";
import {
  installManifests,
  type InstallScope,
  type OperatorDefinition,
  renderFiles,
} from "@zuul-pulp/k8s-core/cli";
import { defaultGrants, isRetained, type LiveObject, type Manifest } from "@zuul-pulp/k8s-core/model";
import { parse, stringify } from "yaml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { products } from "../../bench/lab/product.ts";
import { boardOperator } from "../../examples/board-operator/src/operator.ts";
import { type Cluster, openCluster } from "../cluster/cluster.ts";
import { childrenOf } from "./children.ts";
import { openFront } from "./front.ts";
import { conditionOf, eventually, field, person, until, word } from "./harness.ts";
import { inProcess } from "./in-process.ts";
import { pairsOf, rightsUsed } from "./rights.ts";

interface Subject {
  readonly operator: OperatorDefinition;
  readonly resource: KindSpec;
  readonly references: readonly (readonly [KindSpec, Manifest])[];
  manifest(name: string): Manifest;
}

const boards: Subject = {
  operator: boardOperator,
  resource: {
    apiVersion: "example.zuul-pulp.io/v1alpha1",
    kind: "Board",
    plural: "boards",
    namespaced: true,
  },
  references: [],
  manifest: (name) => ({
    apiVersion: "example.zuul-pulp.io/v1alpha1",
    kind: "Board",
    metadata: { name },
    spec: { text: "hello", replicas: 1, archive: { size: "1Gi" } },
  }),
};
const subjects: readonly Subject[] = [boards, ...products];
const named = subjects.map((subject) => [subject.operator.name, subject] as const);

let cluster: Cluster;
let admin: Client;
let folder: string;
let close: () => void;
beforeAll(async () => {
  cluster = await openCluster({ provider: "native", nodes: "simulated", log: () => undefined });
  folder = await mkdtemp(join(tmpdir(), "zuul-pulp-installed-"));
  ({ client: admin, close } = await connect({ kubeconfig: cluster.kubeconfig, userAgent: "api-test" }));
  for (const { operator, resource } of subjects)
    for (const definition of operator.definitions) {
      const crd = definition.toCrd();
      await put(kinds.CustomResourceDefinition, crd);
      await until(admin, kinds.CustomResourceDefinition, undefined, crd.metadata.name, isEstablished);
      await served(resource);
    }
}, 300_000);
afterAll(async () => {
  close();
  await cluster.down();
  await rm(folder, { recursive: true, force: true });
});

const isEstablished = (live: Manifest & { metadata: { uid: string; resourceVersion: string } }): boolean =>
  conditionOf(live, "Established") === "True";

async function served(kind: KindSpec): Promise<void> {
  await eventually(async () => {
    try {
      await admin.list(kind, "default");
      return true;
    } catch (error) {
      if (isAnswer(error, "notServed", "overloaded")) return false;
      throw error;
    }
  });
}

async function put(kind: KindSpec, manifest: Manifest, namespace?: string): Promise<void> {
  const where = kind.namespaced ? (manifest.metadata.namespace ?? namespace) : undefined;
  const metadata = { ...manifest.metadata, ...(where === undefined ? {} : { namespace: where }) };
  await admin.apply(kind, where, { ...manifest, metadata }, person);
}

const ensureNamespace = (name: string): Promise<void> =>
  put(kinds.Namespace, { apiVersion: "v1", kind: "Namespace", metadata: { name } });

interface Installed {
  readonly namespace: string;
  readonly kubeconfig: string;
  /** What the Deployment says about the namespaces to watch. */
  readonly watched: string;
  /** Gives the account another token, in the file that the operator reads, and revokes the old one. */
  rotate(): Promise<void>;
}

/** Everything of an installation but the Deployment, whose place a process here takes. */
async function install({ operator }: Subject, namespace: string, watch: InstallScope): Promise<Installed> {
  const { rest } = installManifests({
    operator,
    namespace,
    watch,
    image: operator.image,
    grants: defaultGrants(operator.grants),
  });
  const byName: Readonly<Record<string, KindSpec>> = kinds;
  for (const manifest of rest)
    if (manifest.kind !== "Deployment") await put(byName[manifest.kind] ?? kinds.ConfigMap, manifest);
  const deployment = rest.find(({ kind }) => kind === "Deployment");
  const env: unknown = field(deployment?.["spec"], "template", "spec", "containers", 0, "env");
  const watched = Array.isArray(env) ? env.find((one) => word(one, "name") === "WATCH_NAMESPACE") : {};
  const kubeconfig = join(folder, `${operator.name}-${namespace}.kubeconfig`);
  const give = async (secret: string): Promise<void> => {
    const config: unknown = parse(await readFile(cluster.kubeconfig, "utf8"));
    const user = {
      name: field(config, "users", 0, "name"),
      user: { token: await token(operator.name, namespace, secret) },
    };
    await writeFile(kubeconfig, stringify({ ...Object(config), users: [user] }), { mode: 0o600 });
  };
  await give("first");
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

async function token(account: string, namespace: string, secret: string): Promise<string> {
  const name = `${account}-${secret}`;
  const annotations = { "kubernetes.io/service-account.name": account };
  const type = "kubernetes.io/service-account-token";
  await put(kinds.Secret, {
    apiVersion: "v1",
    kind: "Secret",
    type,
    metadata: { name, namespace, annotations },
  });
  const filled = await until(
    admin,
    kinds.Secret,
    namespace,
    name,
    (live) => field(live, "data", "token") !== undefined,
  );
  return Buffer.from(word(filled, "data", "token"), "base64").toString();
}

async function apply(subject: Subject, namespace: string, name: string): Promise<void> {
  for (const [kind, manifest] of subject.references) await put(kind, manifest, namespace);
  await put(subject.resource, subject.manifest(name), namespace);
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

/** What `render -f` shows for this subject's files. */
async function rendered({ operator, references, manifest }: Subject, namespace: string, name: string) {
  const file = join(folder, `${operator.name}-${name}.yaml`);
  const documents = [...references.map(([, one]) => one), manifest(name)].map((one) => ({
    ...one,
    metadata: { ...one.metadata, namespace },
  }));
  await writeFile(file, documents.map((one) => stringify(one)).join("---\n"));
  return await renderFiles(operator, { filename: [file] }, defaultGrants(operator.grants));
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

  test.each<[string, string, InstallScope, readonly string[]]>([
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

function installRules({ operator }: Subject, namespace: string, watch: InstallScope) {
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
});
