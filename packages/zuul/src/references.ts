/** Step 2's question: which Secrets and ConfigMaps one Zuul refers to, and which Secrets are made for it once. Pure. */
import { zooKeeperSecrets } from "@zuul-pulp/constructs";
import { memberLabels, remembering } from "@zuul-pulp/k8s-core/model";
import {
  type ConfigRef,
  configSource,
  type GeneratedSecret,
  type Reference,
  type References,
} from "@zuul-pulp/secret-ref";
import { launcherReferences, type LiveLauncher } from "./leaving.ts";
import type { ConfOption } from "./options.ts";
import {
  databasePasswordReference,
  databaseReference,
  keystoreReference,
  memberOf,
  nameOf,
  nodeKeyReference,
} from "./names.ts";
import type { Zuul } from "./parse.ts";

/** @param launchers what runs now, none offline: one whose provider has left the file is read with what it was given */
export const referencesOf = remembering(
  (zuul: Zuul, launchers: readonly LiveLauncher[] = []): References => ({
    references: [
      ...fileReferences(zuul),
      ...optionReferences(zuul),
      ...cloudReferences(zuul),
      ...backingReferences(zuul),
      ...launcherReferences(zuul, launchers),
    ],
    generated: generatedSecrets(zuul),
  }),
);

/** Whole files that the user keeps in a ConfigMap or Secret. */
function fileReferences({
  spec: { scheduler, executor, logging, launcher, builder },
}: Zuul): readonly Reference[] {
  return [
    ...file("scheduler.config", scheduler.config, ["main.yaml"]),
    ...file("executor.variables", executor.variables, ["variables.yaml", "variables.yml"]),
    ...file("logging.config", logging.config, ["logging.yaml", "logging.yml", "logging.conf"]),
    ...file("launcher.config", launcher?.config, ["nodepool.yaml"]),
    ...file("builder.config", builder?.config, ["nodepool.yaml"]),
  ];
}

function file(id: string, ref: ConfigRef | undefined, defaultKeys: readonly string[]): readonly Reference[] {
  return ref === undefined ? [] : [{ id, ...configSource(ref), defaultKeys, as: "file" }];
}

/** Every option of zuul.conf that points to a Secret, also those that no running daemon reads. */
function optionReferences({ connections, sections }: Zuul): readonly Reference[] {
  return [...connections.map(({ section }) => section), ...sections].flatMap(({ options }) =>
    options.flatMap(reference),
  );
}

/** The key of an option's Secret defaults to the option's name. */
function reference({ name, value }: ConfOption): readonly Reference[] {
  if (value.kind !== "reference") return [];
  const { id, source, key, as } = value;
  return [{ id, source, ...(key === undefined ? { defaultKeys: [name] } : { key }), as }];
}

function cloudReferences({ spec: { externalConfig, builder } }: Zuul): readonly Reference[] {
  const clouds = Object.entries(externalConfig ?? {}).map(([name, { secretName, key }]): Reference => {
    const id = `externalConfig.${name}`;
    return key === undefined
      ? { id, source: { secretName }, as: "all" }
      : { id, source: { secretName }, key, as: "file" };
  });
  const secureEnv = Object.entries(builder?.secureEnv ?? {}).flatMap(([diskImage, variables]) =>
    Object.entries(variables).map(
      ([variable, { secretName, key }]): Reference => ({
        id: secureEnvId(diskImage, variable),
        source: { secretName },
        ...(key === undefined ? { defaultKeys: [variable] } : { key }),
        as: "text",
      }),
    ),
  );
  return [...clouds, ...secureEnv];
}

export const secureEnvId = (diskImage: string, variable: string): string =>
  `builder.secureEnv.${diskImage}.${variable}`;

function backingReferences({ database, zookeeper }: Zuul): readonly Reference[] {
  const dburi: readonly Reference[] =
    database.kind === "external"
      ? [
          {
            id: databaseReference,
            source: { secretName: database.dburi.secretName },
            key: database.dburi.key ?? "dburi",
            as: "text",
          },
        ]
      : [];
  const tls: readonly Reference[] =
    zookeeper.kind === "external"
      ? [
          {
            id: "zookeeper.tls",
            source: { secretName: zookeeper.tlsSecret },
            as: "all",
            requires: ["ca.crt", "tls.crt", "tls.key"],
          },
        ]
      : [];
  return [...dburi, ...tls];
}

function generatedSecrets(zuul: Zuul): readonly GeneratedSecret[] {
  const { spec, database, zookeeper } = zuul;
  const keystore: GeneratedSecret = {
    id: keystoreReference,
    secretName: nameOf(zuul, "keystore"),
    labels: memberLabels(memberOf(zuul, "scheduler")),
    retain: true,
    make: { kind: "password", key: "password" },
    adopt: spec.keystore,
  };
  const nodeKey: GeneratedSecret = {
    id: nodeKeyReference,
    secretName: nameOf(zuul, "executor", "sshkey"),
    labels: memberLabels(memberOf(zuul, "executor")),
    retain: true,
    make: { kind: "sshKey", key: "sshkey", publicKey: "sshkey.pub" },
    adopt: spec.executor.sshkey,
  };
  const databasePassword: GeneratedSecret = {
    id: databasePasswordReference,
    secretName: nameOf(zuul, "database", "password"),
    labels: memberLabels(memberOf(zuul, "database")),
    retain: true,
    make: { kind: "password", key: "password" },
  };
  return [
    keystore,
    nodeKey,
    ...(database.kind === "single" ? [databasePassword] : []),
    ...(zookeeper.kind === "managed" ? Object.values(ensembleSecrets(zuul)) : []),
  ];
}

/** CA, server and client certificate of the operator's own ensemble. */
export function ensembleSecrets(zuul: Zuul) {
  return zooKeeperSecrets({
    name: nameOf(zuul, "zookeeper"),
    member: memberOf(zuul, "zookeeper"),
    namespace: zuul.namespace,
  });
}
