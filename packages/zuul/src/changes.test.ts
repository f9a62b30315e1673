import { configHashAnnotation } from "@zuul-pulp/constructs";
import { describe, expect, test } from "vitest";
import { fileOf, type Rendered, renderObjects, zuulWith } from "./render.builders.ts";

const provider = (name: string, driver: string, more: string): string =>
  `  - {name: ${name}, driver: ${driver}, ${more}, pools: [{name: main, max-servers: 1, labels: [{name: ${name}-label}]}]}\n`;

const base = {
  tenants: "- tenant: {name: one}\n",
  nodepool:
    "labels: [{name: a-label}, {name: b-label}]\nproviders:\n" +
    provider("a", "kubernetes", "context: x") +
    provider("b", "openshiftpods", "context: y"),
  secrets: {
    password: "one",
    key: "-----BEGIN KEY-----\none\n",
    dburi: "postgresql://u:one@h/d",
    sshkey: "one\n",
  },
  clouds: { config: "one" },
  variables: "site: one",
  spec: {} as Readonly<Record<string, unknown>>,
};

type World = typeof base;

async function render(change: Partial<World> = {}): Promise<Rendered> {
  const { tenants, nodepool, secrets, clouds, variables, spec } = { ...base, ...change };
  return renderObjects([
    { kind: "ConfigMap", metadata: { name: "tenants" }, data: { "main.yaml": tenants } },
    { kind: "ConfigMap", metadata: { name: "pools" }, data: { "nodepool.yaml": nodepool } },
    { kind: "ConfigMap", metadata: { name: "vars" }, data: { "variables.yaml": variables } },
    { kind: "Secret", metadata: { name: "s" }, stringData: secrets },
    { kind: "Secret", metadata: { name: "kube" }, stringData: clouds },
    zuulWith({
      scheduler: { config: "tenants" },
      executor: { sshkey: { secretName: "s" }, variables: "vars" },
      merger: { count: 1 },
      launcher: { config: "pools" },
      builder: { config: "pools" },
      database: { secretName: "s" },
      externalConfig: { kubernetes: { secretName: "kube" } },
      connections: {
        gerrit: { driver: "gerrit", server: "g", user: "z", password: { secretName: "s" } },
        mail: { driver: "smtp", user: "u", password: { secretName: "s" } },
        hub: {
          driver: "github",
          app_id: 1,
          app_key: { secretName: "s", key: "key" },
          webhook_token: { secretName: "s", key: "password" },
        },
      },
      ...spec,
    }),
  ]);
}

/** Pod templates by workload: what differs is what Kubernetes rolls. */
function templates({ plan }: Rendered): ReadonlyMap<string, string> {
  const workloads = plan.stages
    .flatMap(({ manifests }) => manifests)
    .filter(({ kind }) => kind === "StatefulSet" || kind === "Deployment");
  return new Map(
    workloads.map((workload) => {
      const spec = workload["spec"];
      const template =
        typeof spec === "object" && spec !== null && "template" in spec ? spec.template : undefined;
      return [
        workload.metadata.name.replace(/^zuul-/, "").replace(/-[0-9a-f]{8}$/, ""),
        JSON.stringify(template),
      ];
    }),
  );
}

async function rolledBy(change: Partial<World>): Promise<readonly string[]> {
  const [before, after] = [templates(await render()), templates(await render(change))];
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((name) => before.get(name) !== after.get(name))
    .toSorted();
}

const mark = ({ config }: Rendered): string => fileOf(config.daemons.scheduler, "reconfigure-on");

const all = ["executor", "fingergw", "merger", "scheduler", "web"];
const launchers = ["nodepool-launcher-a", "nodepool-launcher-b"];

describe("a change", () => {
  test.each<[string, Partial<World>, readonly string[]]>([
    ["of the tenant file restarts nothing", { tenants: "- tenant: {name: two}\n" }, []],
    ["of the public URL restarts nothing", { spec: { web: { status_url: "https://new/" } } }, []],
    [
      "of the hold time restarts nothing",
      { spec: { scheduler: { config: "tenants", max_hold_expiration: 5 } } },
      [],
    ],
    ["of OIDC's options restarts nothing", { spec: { oidc: { signing_key_rotation_interval: 5 } } }, []],
    [
      "of the database password restarts schedulers and web",
      { secrets: { ...base.secrets, dburi: "postgresql://u:two@h/d" } },
      ["scheduler", "web"],
    ],
    [
      "of a connection's password restarts who talks to it",
      { secrets: { ...base.secrets, password: "two" } },
      ["executor", "merger", "scheduler", "web"],
    ],
    [
      "of a connection's key file restarts who reads it",
      { secrets: { ...base.secrets, key: "two" } },
      ["executor", "merger", "scheduler", "web"],
    ],
    ["of the key for nodes restarts nothing", { secrets: { ...base.secrets, sshkey: "two\n" } }, []],
    ["of site variables restarts nothing", { variables: "site: two" }, []],
    [
      "of an executor option restarts executors",
      { spec: { executor: { sshkey: { secretName: "s" }, variables: "vars", disk_limit_per_job: 5 } } },
      ["executor"],
    ],
    [
      "of a merger option restarts executors, too",
      { spec: { merger: { count: 1, git_user_name: "x" } } },
      ["executor", "merger"],
    ],
    [
      "of job volumes restarts executors",
      { spec: { jobVolumes: [{ context: "trusted", path: "/a", volume: { emptyDir: {} } }] } },
      ["executor"],
    ],
    [
      "of an auth section restarts web",
      { spec: { auth: { a: { driver: "OpenIDConnect", client_id: "c", issuer_id: "i" } } } },
      ["web"],
    ],
    [
      "of a cloud's credentials restarts Nodepool",
      { clouds: { config: "two" } },
      ["nodepool-builder", ...launchers],
    ],
    ["of one provider restarts nothing", { nodepool: base.nodepool.replace("context: x", "context: z") }, []],
    [
      "of ZooKeeper's size restarts all that speak to it",
      { spec: { zookeeper: { count: 5 } } },
      [...all, "zookeeper"].toSorted(),
    ],
  ])("%s", async (_, change, rolled) => {
    expect(await rolledBy(change)).toEqual(rolled);
  });

  test("of the number of pods restarts none", async () => {
    const two = {
      executor: { sshkey: { secretName: "s" }, variables: "vars", count: 2 },
      merger: { count: 2 },
      web: { count: 2 },
    };
    expect(await rolledBy({ spec: { ...two, scheduler: { config: "tenants", count: 2 } } })).toEqual([]);
  });

  test("of an image changes no hash", async () => {
    const hashes = ({ plan }: Rendered) =>
      [...JSON.stringify(plan).matchAll(new RegExp(`"${configHashAnnotation}":"(\\w+)"`, "g"))].map(
        ([, hash]) => hash,
      );
    const after = await render({ spec: { version: "14.4.0", imagePrefix: "example.org/z" } });
    expect(hashes(after)).toEqual(hashes(await render()));
  });

  test("of what a running scheduler can take up changes the mark once, everything else leaves it", async () => {
    const before = mark(await render());
    expect(mark(await render({ tenants: "- tenant: {name: two}\n" }))).not.toBe(before);
    expect(mark(await render({ spec: { web: { status_url: "https://new/" } } }))).not.toBe(before);
    expect(mark(await render({ spec: { oidc: { signing_key_rotation_interval: 5 } } }))).not.toBe(before);
    expect(
      mark(await render({ secrets: { ...base.secrets, password: "two", dburi: "postgresql://u:two@h/d" } })),
    ).toBe(before);
    expect(mark(await render({ spec: { web: { count: 3 } } }))).toBe(before);
  });

  test("of one provider changes its launcher's file alone; a removed one leaves nothing", async () => {
    const files = ({ config }: Rendered) =>
      new Map(
        config.nodepool.launchers.map(({ provider, files }) => [provider, fileOf(files, "nodepool.yaml")]),
      );
    const before = files(await render());
    const edited = files(await render({ nodepool: base.nodepool.replace("context: x", "context: z") }));
    expect(edited.get("b")).toBe(before.get("b"));
    expect(edited.get("a")).not.toBe(before.get("a"));
    const removed = await render({
      nodepool: base.nodepool
        .split("\n")
        .filter((line) => !line.includes("name: a,"))
        .join("\n"),
    });
    expect(files(removed).get("b")).toBe(before.get("b"));
    expect([...files(removed).keys()]).toEqual(["b"]);
  });
});

describe("two resources in one namespace", () => {
  test("share no object, also when a name is as long as it may be", async () => {
    const names = async (name: string) => {
      const { plan } = await renderObjects([
        { kind: "ConfigMap", metadata: { name: "tenants" }, data: { "main.yaml": "[]" } },
        { kind: "ConfigMap", metadata: { name: "pools" }, data: { "nodepool.yaml": base.nodepool } },
        zuulWith(
          {
            scheduler: { config: "tenants" },
            launcher: { config: "pools" },
            builder: { config: "pools" },
            database: { mode: "single" },
          },
          name,
        ),
      ]);
      return plan.stages
        .flatMap(({ manifests }) => manifests)
        .map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    };
    const [one, two] = [await names("a".repeat(40)), await names(`${"a".repeat(40)}b`)];
    expect(one.filter((name) => two.includes(name))).toEqual([]);
    for (const name of [...one, ...two]) expect(name.split(" ")[1]?.length).toBeLessThanOrEqual(63);
  });
});
