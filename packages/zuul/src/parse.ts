/**
 * Step 1: the raw resource, checked, with defaults and with choices as unions. Everything wrong is named at once. Pure.
 * Leaves the content of Secrets and ConfigMaps to the next steps.
 */
import { Blocked, type Notice, remembering } from "@zuul-pulp/k8s-core/model";
import { exposeProblems, isWebUrl, podProblems, type Storage } from "@zuul-pulp/constructs";
import type { SecretRef } from "@zuul-pulp/secret-ref";
import { type Connection, readConnections } from "./connections.ts";
import { zuulDefinition } from "./definition.ts";
import { daemons } from "./daemons.ts";
import { cloudFolder, ownFolders, type WithPods } from "./folders.ts";
import { type JobVolumes, readJobVolumes } from "./job-volumes.ts";
import { nameOf } from "./names.ts";
import type { ConfSection } from "./options.ts";
import { paths, ports } from "./paths.ts";
import type { ZuulSpec } from "./spec.ts";
import { unsupported } from "./unsupported.ts";
import { readUserSections } from "./user-sections.ts";

export type Database =
  | { readonly kind: "external"; readonly dburi: SecretRef }
  | { readonly kind: "single"; readonly image: string; readonly storage: Storage };

export type ZooKeeper =
  | { readonly kind: "external"; readonly hosts: string; readonly tlsSecret: string }
  | {
      readonly kind: "managed";
      readonly count: 1 | 3 | 5;
      readonly image: string;
      readonly storage: Storage;
    };

/** One Zuul as it is meant. Frozen; nothing after this step looks at the raw resource. */
export interface Zuul {
  readonly name: string;
  readonly namespace: string;
  readonly spec: ZuulSpec;
  readonly database: Database;
  readonly zookeeper: ZooKeeper;
  readonly connections: readonly Connection[];
  /** Sections from fields and pass-through options, uncut. */
  readonly sections: readonly ConfSection[];
  readonly jobVolumes: JobVolumes;
  /** Public address of web, with its trailing slash. */
  readonly root: string;
  readonly notices: readonly Notice[];
}

/**
 * @throws Blocked `InvalidSpec` with every bad field; `NotSupportedYet` with what to set instead
 */
export function parseZuul(raw: unknown): Zuul {
  const { metadata, spec } = zuulDefinition.parse(raw);
  return zuulOf(metadata.name, metadata.namespace, spec);
}

const zuulOf = remembering((name: string, namespace: string, spec: ZuulSpec): Zuul => {
  const connections = readConnections(spec.connections ?? {}, spec.web.count > 0);
  const own = readUserSections(spec);
  const volumes = readJobVolumes(spec.jobVolumes ?? []);
  const root = rootOf(spec, name, namespace);
  const problems = [
    ...connections.problems,
    ...own.problems,
    ...volumes.problems,
    ...crossChecks(spec, root),
    ...leakingVariables(spec),
    ...cloudNames(spec),
    ...serverRules(spec, volumes.jobVolumes),
  ];
  if (problems.length > 0)
    throw new Blocked("InvalidSpec", problems.map((problem) => `spec.${problem}`).join("; "));
  const later = unsupported(spec);
  if (later.length > 0) throw new Blocked("NotSupportedYet", later.join("; "));
  return Object.freeze({
    name,
    namespace,
    spec,
    database: databaseOf(spec),
    zookeeper: zooKeeperOf(spec),
    connections: connections.connections,
    sections: own.sections,
    jobVolumes: volumes.jobVolumes,
    root,
    notices: [...connections.notices, ...own.notices, ...hostPathNotices(volumes.jobVolumes)],
  });
});

const hostsPattern = /^[A-Za-z0-9.-]+:\d{1,5}(,[A-Za-z0-9.-]+:\d{1,5})*(\/[A-Za-z0-9._/-]*)?$/;

function crossChecks(spec: ZuulSpec, root: string): readonly string[] {
  const { database, zookeeper, scheduler, executor, merger, launcher } = spec;
  const mergers = merger.count + (executor.merge_jobs === false ? 0 : executor.count);
  const { hostname = null } = executor.options ?? {};
  return [
    ...(database?.mode !== undefined && database.secretName !== undefined
      ? ["database: is either mode: single or a Secret with a URL, not both"]
      : []),
    ...(database?.key !== undefined && database.secretName === undefined
      ? ["database.secretName: is required with key"]
      : []),
    ...(scheduler.count > 0 && mergers === 0
      ? [
          "executor.count: at least one executor or merger must run, or the scheduler can never load its tenants",
        ]
      : []),
    ...(executor.count > 1 && hostname !== null
      ? [
          "executor.options.hostname: would be the name of every executor, and consoles be sought in the wrong one",
        ]
      : []),
    ...(launcher?.count === undefined || launcher.count === null
      ? []
      : ["launcher.count: is not allowed: there is exactly one launcher for each provider of the file"]),
    ...zooKeeperChecks(zookeeper),
    ...(isWebUrl(root)
      ? []
      : ["web.status_url: must be an absolute http or https URL without user and query"]),
  ];
}

function zooKeeperChecks({ hosts, tls, count }: ZuulSpec["zookeeper"]): readonly string[] {
  if (hosts === undefined) {
    return [
      ...(tls === undefined ? [] : ["zookeeper.hosts: is required with tls"]),
      ...(count === undefined || isEnsembleSize(count) ? [] : ["zookeeper.count: must be 1, 3 or 5"]),
    ];
  }
  return [
    ...(hostsPattern.test(hosts) ? [] : ["zookeeper.hosts: must be host:port[,host:port][/chroot]"]),
    ...(tls === undefined
      ? ["zookeeper.tls: is required with hosts, as Zuul speaks only TLS to ZooKeeper"]
      : []),
    ...(count === undefined
      ? []
      : ["zookeeper.count: belongs to the operator's own ensemble, hosts to another one"]),
  ];
}

const withPods: readonly WithPods[] = [...daemons, "launcher", "builder", "database", "zookeeper"];

function serverRules(spec: ZuulSpec, volumes: JobVolumes): readonly string[] {
  const own = ownFolders(spec, volumes);
  return [
    ...withPods.flatMap((member) => podProblems(spec[member]?.pod, `${member}.pod`, own[member])),
    ...exposeProblems(spec.web.expose, "web.expose"),
    ...exposeProblems(spec.fingergw.expose, "fingergw.expose"),
  ];
}

/** Each is mounted as the folder of its name. */
function cloudNames({ externalConfig = {} }: ZuulSpec): readonly string[] {
  const ours: readonly string[] = [paths.zuul, paths.nodepool, paths.zookeeper];
  return Object.keys(externalConfig)
    .filter((name) => !/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/.test(name) || ours.includes(cloudFolder(name)))
    .map(
      (name) =>
        `externalConfig.${name}: must be letters, digits, "-" and "_", and no folder of the operator's own`,
    );
}

/** Zuul takes every variable ZUUL_… for a default option of every section of zuul.conf. */
function leakingVariables(spec: ZuulSpec): readonly string[] {
  return daemons.flatMap((daemon) =>
    (spec[daemon].pod?.env ?? [])
      .filter(({ name }) => name.startsWith("ZUUL_"))
      .map(
        ({ name }) =>
          `${daemon}.pod.env: ${name} would become an option of every section of zuul.conf: rename it`,
      ),
  );
}

function rootOf({ web: { status_url, expose } }: ZuulSpec, name: string, namespace: string): string {
  if (status_url !== undefined) return status_url.endsWith("/") ? status_url : `${status_url}/`;
  if (expose?.host !== undefined) return `${expose.tls === undefined ? "http" : "https"}://${expose.host}/`;
  return `http://${nameOf({ name }, "web")}.${namespace}.svc:${ports.web}/`;
}

function databaseOf({ database }: ZuulSpec): Database {
  if (database?.secretName !== undefined)
    return { kind: "external", dburi: { secretName: database.secretName, key: database.key ?? "dburi" } };
  if (database === undefined) throw new TypeError("An omitted database is refused before");
  return { kind: "single", image: database.image, storage: database.storage };
}

function zooKeeperOf({ zookeeper: { hosts, tls, count = 3, image, storage } }: ZuulSpec): ZooKeeper {
  if (hosts !== undefined && tls !== undefined) return { kind: "external", hosts, tlsSecret: tls.secretName };
  if (!isEnsembleSize(count)) throw new TypeError("Another count is refused before");
  return { kind: "managed", count, image, storage };
}

const isEnsembleSize = (count: number): count is 1 | 3 | 5 => count === 1 || count === 3 || count === 5;

function hostPathNotices({ hostPaths }: JobVolumes): readonly Notice[] {
  return hostPaths.map(({ at, hostPath }) => ({
    type: "Warning",
    reason: "HostPathVolume",
    message: `spec.${at} gives jobs the folder ${hostPath} of the node; the operator applies it only below a prefix of --allow-host-path`,
  }));
}
