/**
 * Step 4: manifests in stages. What the old version runs on comes first, then the migration while it serves, then the
 * new version; a stage behind a closed gate leaves the live objects alone. Pure.
 */
import {
  CacheSingle,
  ConfigFiles,
  Exposure,
  type HttpPath,
  objectLabels,
  PersistentClaim,
  PostgresSingle,
  type StageBuild,
  synthesizeStages,
  TypedObject,
} from "@zuul-pulp/constructs";
import { type ObjectRef, type Plan, remembering } from "@zuul-pulp/k8s-core/model";
import { secretManifest } from "@zuul-pulp/secret-ref";
import type { Construct } from "constructs";
import { singleDatabase } from "./access.ts";
import { apiPort, apiProps } from "./api.ts";
import type { PulpConfig } from "./config.ts";
import { contentPort, contentProps } from "./content.ts";
import { Gunicorn, GunicornService } from "./gunicorn.ts";
import { AdminPassword, Migration, migrationName } from "./jobs.ts";
import { type Daemon, memberOf, nameOf, type Process, settingsName } from "./names.ts";
import type { Pulp } from "./parse.ts";
import { webPorts } from "./present.ts";
import { routesOf } from "./routes.ts";
import { scripts } from "./scripts.ts";
import { Web } from "./web.ts";
import { Worker } from "./worker.ts";

export const synthPulp = remembering((pulp: Pulp, config: PulpConfig): Plan => {
  const stages: readonly StageBuild[] = [
    { name: "foundation", build: (scope) => foundation(scope, pulp, config) },
    {
      name: "migration",
      ...gateBehindDatabase(pulp),
      build: (scope) => {
        settings(scope, pulp, config, "migration");
        new Migration(scope, "migration", pulp, config);
      },
    },
    {
      name: "workloads",
      gate: {
        until: [{ apiVersion: "batch/v1", kind: "Job", name: migrationName(pulp, config) }],
        holds: "everything",
        reason: "MigrationRunning",
        waitingFor: `the migration of the database to ${pulp.spec.version}`,
      },
      build: (scope) => workloads(scope, pulp, config),
    },
  ];
  return {
    stages: synthesizeStages(stages, { namespace: pulp.namespace }),
    notices: config.notices,
    deletionPolicy: pulp.spec.deletionPolicy,
  };
});

function gateBehindDatabase({ name, database }: Pulp): Pick<StageBuild, "gate"> {
  if (database.kind === "external") return {};
  const server: ObjectRef = { apiVersion: "apps/v1", kind: "StatefulSet", name: nameOf(name, "database") };
  return {
    gate: {
      until: [server],
      holds: "everything",
      reason: "DatabaseNotReady",
      waitingFor: "the database to answer",
    },
  };
}

/** Everything that does not depend on the version: the address is known before the first Pulp process starts. */
function foundation(scope: Construct, pulp: Pulp, config: PulpConfig): void {
  const { name } = pulp;
  volume(scope, pulp);
  new ConfigFiles(scope, "scripts", {
    name: nameOf(name, "scripts"),
    member: memberOf(name, "scripts"),
    files: scripts,
  });
  database(scope, pulp, config);
  cache(scope, pulp, config);
  new GunicornService(scope, "api", pulp, apiProps(pulp.roots));
  new GunicornService(scope, "content", pulp, contentProps(pulp.roots));
  exposure(scope, pulp);
  if (pulp.hasWeb) new Web(scope, "web", pulp, config);
}

function volume(scope: Construct, { name, storage }: Pulp): void {
  if (storage.kind !== "filesystem" || storage.existingClaim !== undefined) return;
  const member = memberOf(name, "storage");
  new PersistentClaim(scope, "storage", { name: nameOf(name, "storage"), member, storage: storage.volume });
}

const clientsOf = (name: string, components: readonly Process[]) =>
  components.map((component) => memberOf(name, component));

function database(scope: Construct, { name, database: wanted, spec }: Pulp, config: PulpConfig): void {
  if (wanted.kind !== "single") return;
  new PostgresSingle(scope, "database", {
    name: nameOf(name, "database"),
    member: memberOf(name, "database"),
    image: wanted.image,
    storage: wanted.storage,
    database: singleDatabase,
    user: singleDatabase,
    passwordSecret: { name: nameOf(name, "database-password"), key: "password" },
    maxConnections: wanted.maxConnections,
    configHash: config.backingHashes.database,
    pod: wanted.pod,
    imagePullSecrets: spec.imagePullSecrets,
    deletionPolicy: spec.deletionPolicy,
    clients: clientsOf(name, ["api", "content", "worker", "migration", "password"]),
    ...(spec.security.arbitrary ? { security: {} } : {}),
  });
}

function cache(scope: Construct, { name, cache: wanted, spec }: Pulp, config: PulpConfig): void {
  if (wanted.kind !== "single") return;
  new CacheSingle(scope, "cache", {
    name: nameOf(name, "cache"),
    member: memberOf(name, "cache"),
    image: wanted.image,
    passwordSecret: { name: nameOf(name, "cache-password"), key: "password" },
    maxMemoryMiB: wanted.maxMemoryMiB,
    configHash: config.backingHashes.cache,
    pod: wanted.pod,
    imagePullSecrets: spec.imagePullSecrets,
    clients: clientsOf(name, ["api", "content", "worker"]),
    ...(spec.security.arbitrary ? { security: {} } : {}),
  });
}

function exposure(scope: Construct, { name, spec: { expose, web }, hasWeb, roots }: Pulp): void {
  const member = memberOf(name, "web");
  if (hasWeb) {
    new Exposure(scope, "expose", {
      name: nameOf(name, "web"),
      member,
      expose,
      service: { ports: webPorts(expose.tls !== undefined) },
    });
    return;
  }
  const http: readonly HttpPath[] = routesOf(roots).map(({ prefix, backend }) => ({
    path: prefix,
    service: nameOf(name, backend),
    port: backend === "api" ? apiPort : contentPort,
  }));
  const annotations = { ...forIngressNginx(web), ...expose.annotations };
  new Exposure(scope, "expose", { name, member, expose: { ...expose, annotations }, http });
}

/** What nginx.conf says otherwise, for the most common controller; others do not read it. */
function forIngressNginx({ maxBodySize, timeoutSeconds }: Pulp["spec"]["web"]): Record<string, string> {
  const prefix = "nginx.ingress.kubernetes.io";
  return {
    [`${prefix}/proxy-body-size`]: maxBodySize,
    [`${prefix}/proxy-read-timeout`]: String(timeoutSeconds),
    [`${prefix}/proxy-send-timeout`]: String(timeoutSeconds),
    [`${prefix}/proxy-request-buffering`]: "off",
  };
}

function workloads(scope: Construct, pulp: Pulp, config: PulpConfig): void {
  for (const daemon of ["api", "content", "worker"] as const) settings(scope, pulp, config, daemon);
  new Gunicorn(scope, "api", pulp, config, apiProps(pulp.roots));
  new Gunicorn(scope, "content", pulp, config, contentProps(pulp.roots));
  new Worker(scope, "worker", pulp, config);
  new AdminPassword(scope, "password", pulp, config);
}

function settings(
  scope: Construct,
  { name }: Pulp,
  { processes }: PulpConfig,
  process: Daemon | "migration",
): void {
  const member = memberOf(name, process);
  const manifest = secretManifest({
    name: settingsName(name, process),
    labels: objectLabels(member),
    entries: processes[process].files,
  });
  new TypedObject(scope, `${process}-settings`, manifest);
}
