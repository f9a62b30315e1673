/** One MariaDB pod for evaluation: one database, one user, a kept volume. Not replicated, not backed up. Pure. */
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
import { mariaDbFiles } from "./maria-db-files.ts";
import { NetworkRules } from "./network-rules.ts";
import { ServiceObject } from "./service-object.ts";
import { PersistentClaim, type Storage } from "./storage.ts";
import { Workload } from "./workload.ts";

export interface MariaDbSingleProps extends BackingServiceProps {
  readonly storage: Storage;
  /** Letters, digits, underscores. */
  readonly database: string;
  /** Letters, digits, underscores. It may do everything with the one database and nothing else. */
  readonly user: string;
  /** Password of `user`. A changed one is applied when the pod starts. */
  readonly passwordSecret: SecretKey;
  /** Hash of the password, so that a changed one starts the pod again. */
  readonly configHash?: string | undefined;
}

/** StatefulSet of one, Service `<name>` on port 3306, claim `<name>-data`. */
export class MariaDbSingle extends Construct {
  constructor(scope: Construct, id: string, props: MariaDbSingleProps) {
    super(scope, id);
    const { name, member, storage } = props;
    const files = mariaDbFiles();
    new ConfigFiles(this, "files", { name: filesName(name), member, files });
    new PersistentClaim(this, "data", { name: `${name}-data`, member, storage });
    new ServiceObject(this, "service", { name, member, ports: [{ name: "mysql", port: 3306 }] });
    new NetworkRules(this, "rules", {
      name,
      member,
      ingress: [{ from: props.clients ?? "namespace", ports: [{ port: 3306 }] }],
    });
    new Workload(this, "server", {
      kind: "StatefulSet",
      name,
      member,
      replicas: 1,
      configHash: filesHash(files, props.configHash),
      pod: {
        containers: [container(props)],
        security: props.security ?? backingSecurity(backingUsers.mariadb),
        overrides: props.pod,
        imagePullSecrets: props.imagePullSecrets,
        graceSeconds: 120,
      },
    });
  }
}

function container({ name, image, database, user, passwordSecret }: MariaDbSingleProps): Container {
  const probe = ["sh", `${filesPath}/probe.sh`];
  return {
    name: "mariadb",
    image,
    command: ["sh", `${filesPath}/start.sh`],
    env: [
      { name: "DATABASE", value: sqlName(database, "database") },
      { name: "DATABASE_USER", value: sqlName(user, "user") },
    ],
    ports: [{ name: "mysql", port: 3306 }],
    probes: {
      startup: { exec: probe, periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 150 },
      readiness: { exec: probe, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
      liveness: { tcp: { port: "mysql" }, periodSeconds: 20, timeoutSeconds: 5, failureThreshold: 6 },
    },
    mounts: [
      filesMount(name),
      passwordMount(passwordSecret),
      { path: "/var/lib/mysql", from: { kind: "claim", name: `${name}-data` } },
      { path: "/run/mysqld", from: { kind: "emptyDir", name: "run", medium: "Memory", sizeLimit: "8Mi" } },
    ],
    resources: { requests: { cpu: "20m", memory: "192Mi" } },
  };
}

export interface MariaDbUriProps {
  readonly name: string;
  readonly namespace: string;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** SQLAlchemy URI for PyMySQL. It holds the password: seal it. Double its `%` where it goes into an INI file. */
export function mariaDbUri({ name, namespace, database, user, password }: MariaDbUriProps): string {
  const part = encodeURIComponent;
  return `mariadb+pymysql://${part(user)}:${part(password)}@${name}.${namespace}.svc:3306/${part(database)}?charset=utf8mb4`;
}
