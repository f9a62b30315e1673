/** One PostgreSQL pod: one database, its owner, a kept volume. Not replicated. Pure. */
import { Construct } from "constructs";
import { backingSecurity, backingUsers } from "./backing-images.ts";
import {
  type BackingServiceProps,
  filesHash,
  filesMount,
  filesName,
  filesPath,
  passwordMount,
  type SecretKey,
  sqlName,
} from "./backing-service.ts";
import { ConfigFiles } from "./config-files.ts";
import type { Container } from "./container.ts";
import { NetworkRules } from "./network-rules.ts";
import { postgresFiles } from "./postgres-files.ts";
import { ServiceObject } from "./service-object.ts";
import { PersistentClaim, type Storage } from "./storage.ts";
import { Workload } from "./workload.ts";

export interface PostgresSingleProps extends BackingServiceProps {
  readonly storage: Storage;
  /** Letters, digits, underscores. */
  readonly database: string;
  /** Letters, digits, underscores. Owner of the database (so it may install trusted extensions such as hstore), no superuser. */
  readonly user: string;
  /** Password of `user`. A changed one is applied when the pod starts. */
  readonly passwordSecret: SecretKey;
  /** Default 200. */
  readonly maxConnections?: number | undefined;
  /** Hash of the password, so that a changed one starts the pod again. */
  readonly configHash?: string | undefined;
}

/** StatefulSet of one, Service `<name>` on port 5432, claim `<name>-data`. */
export class PostgresSingle extends Construct {
  constructor(scope: Construct, id: string, props: PostgresSingleProps) {
    super(scope, id);
    const { name, member, storage } = props;
    const files = postgresFiles({ maxConnections: props.maxConnections ?? 200 });
    new ConfigFiles(this, "files", { name: filesName(name), member, files });
    new PersistentClaim(this, "data", { name: `${name}-data`, member, storage });
    new ServiceObject(this, "service", { name, member, ports: [{ name: "postgres", port: 5432 }] });
    new NetworkRules(this, "rules", {
      name,
      member,
      ingress: [{ from: props.clients ?? "namespace", ports: [{ port: 5432 }] }],
    });
    new Workload(this, "server", {
      kind: "StatefulSet",
      name,
      member,
      replicas: 1,
      configHash: filesHash(files, props.configHash),
      pod: {
        containers: [container(props)],
        security: props.security ?? backingSecurity(backingUsers.postgres),
        overrides: props.pod,
        imagePullSecrets: props.imagePullSecrets,
        graceSeconds: 120,
      },
    });
  }
}

function container({ name, image, database, user, passwordSecret }: PostgresSingleProps): Container {
  const probe = ["sh", `${filesPath}/probe.sh`];
  return {
    name: "postgres",
    image,
    command: ["sh", `${filesPath}/start.sh`],
    env: [
      { name: "DATABASE", value: sqlName(database, "database") },
      { name: "DATABASE_USER", value: sqlName(user, "user") },
    ],
    ports: [{ name: "postgres", port: 5432 }],
    probes: {
      startup: { exec: probe, periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 150 },
      readiness: { exec: probe, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
      liveness: { tcp: { port: "postgres" }, periodSeconds: 20, timeoutSeconds: 5, failureThreshold: 6 },
    },
    mounts: [
      filesMount(name),
      passwordMount(passwordSecret),
      { path: "/var/lib/postgresql/data", from: { kind: "claim", name: `${name}-data` } },
      {
        path: "/run/postgresql",
        from: { kind: "emptyDir", name: "run", medium: "Memory", sizeLimit: "8Mi" },
      },
      // The runtime's own 64 MB are too few for parallel queries.
      { path: "/dev/shm", from: { kind: "emptyDir", name: "shm", medium: "Memory", sizeLimit: "256Mi" } },
    ],
    resources: { requests: { cpu: "20m", memory: "128Mi" } },
  };
}
