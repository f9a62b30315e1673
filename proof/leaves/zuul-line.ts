/** Zuul's line, with a resource in which every section stands. Pure. */
import { resolveAll } from "@zuul-pulp/secret-ref";
import {
  liveLaunchers,
  parseZuul,
  referencesOf,
  renderZuul,
  synthZuul,
  zuulDefinition,
  type ZuulPermissions,
} from "@zuul-pulp/zuul";
import { clusterOf, type Line, readerOf, type Texts, type Turn, turning } from "./line.ts";
import type { Spec } from "./leaf.ts";

const provider = (name: string, context: string): string =>
  `  - {name: ${name}, driver: kubernetes, context: ${context}, pools: [{name: main, labels: [{name: ${name}-label}]}]}\n`;
const nodepool = (element: string): string =>
  `labels: [{name: a-label}, {name: b-label}]\ndiskimages: [{name: ubuntu, elements: [${element}]}]\n` +
  `providers:\n${provider("a", element)}${provider("b", element)}`;

/** Each object twice, so that a reference can name another one; each with two keys, so that it can name another key. */
const configMaps: Texts = {
  tenants: { "main.yaml": "- tenant: {name: one}\n" },
  "other-tenants": { "main.yaml": "- tenant: {name: two}\n" },
  pools: { "nodepool.yaml": nodepool("one") },
  "other-pools": { "nodepool.yaml": nodepool("two") },
  files: { "variables.yaml": "one: 1\n", "logging.yaml": "version: 1\n" },
  "other-files": { "variables.yaml": "one: 2\n", "logging.yaml": "version: 1\n# two\n" },
};

const values = (which: string): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(
    ["password", "sshkey", "config", "secret", "TOKEN", "webhook_token"].map((key) => [
      key,
      `${key} ${which}`,
    ]),
  ),
  dburi: `postgresql://u:${which}@h/d`,
  second: `postgresql://u:second-${which}@h/d`,
  "ca.crt": which,
  "tls.crt": which,
  "tls.key": which,
});

const secrets = (turn: Turn): Texts => ({
  s: values("one"),
  other: values("other"),
  kube: { config: "one", second: "two" },
  [turning]: values(`turn-${turn}`),
});

const service: Spec = { options: { some_option: "one" } };

const base: Spec = {
  imagePullSecrets: [{ name: "pull" }],
  scheduler: { ...service, config: "tenants" },
  executor: { ...service, sshkey: { secretName: "s" }, variables: { configMapName: "files" } },
  merger: { ...service, count: 1 },
  web: service,
  fingergw: service,
  launcher: { config: "pools" },
  builder: { config: "pools", secureEnv: { ubuntu: { TOKEN: { secretName: "s" } } } },
  database: { mode: "single" },
  zookeeper: {},
  keystore: { secretName: "s" },
  connections: {
    gerrit: { driver: "gerrit", server: "one.example.org", user: "zuul", password: { secretName: "s" } },
    mail: { driver: "smtp", server: "one.example.org" },
  },
  auth: {
    operator: { driver: "HS256", realm: "one", client_id: "c", issuer_id: "i", secret: { secretName: "s" } },
  },
  externalConfig: { kubernetes: { secretName: "kube", key: "config" } },
  jobVolumes: [{ context: "trusted", path: "/mnt/one", volume: { emptyDir: {} } }],
  ansibleCallbacks: { one: { some_option: "one" } },
  logging: { config: { configMapName: "files" } },
  statsd: { server: "one.example.org" },
  tracing: { enabled: true, endpoint: "one.example.org:4317" },
  oidc: { signing_key_rotation_interval: 86400 },
};

const permissions: ZuulPermissions = {
  hostPathPrefixes: ["/"],
  privilegedExecutor: true,
  privilegedBuilder: true,
};

const resourceOf = (spec: Spec) => ({
  apiVersion: zuulDefinition.apiVersion,
  kind: "Zuul",
  metadata: { name: "zuul", namespace: "default" },
  spec,
});

export const zuulLine: Line = {
  kind: "Zuul",
  name: "zuul",
  leaves: zuulDefinition.leaves(),
  schema: zuulDefinition.structural.spec,
  base,
  check: (spec) => void zuulDefinition.parse(resourceOf(spec)),
  pass: async (spec, before, turn = "one") => {
    const zuul = parseZuul(resourceOf(spec));
    const cluster = clusterOf(before?.plan);
    const launchers = liveLaunchers(cluster);
    const { reader, made } = readerOf(secrets(turn), configMaps, before);
    const refs = await resolveAll(referencesOf(zuul, launchers), reader);
    const config = renderZuul(zuul, refs, launchers);
    return { plan: synthZuul(zuul, config, permissions, cluster), secrets: made(), status: {} };
  },
};
