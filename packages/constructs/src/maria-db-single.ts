/** One MariaDB pod for evaluation: one database, one user, a kept volume. Not replicated, not backed up. Pure. */
import { Construct } from "constructs";
import { backingUsers } from "./backing-images.ts";
import { filesPath, passwordPath, sqlName } from "./backing-service.ts";
import { mariaDbFiles } from "./maria-db-files.ts";
import type { OwnFolder } from "./server-rules.ts";
import { memoryFolder, SingleServer, type SingleServerProps } from "./single-server.ts";
import type { Storage } from "./storage.ts";

export interface MariaDbSingleProps extends SingleServerProps {
  readonly storage: Storage;
  /** Letters, digits, underscores. */
  readonly database: string;
  /** Letters, digits, underscores. It may do everything with the one database and nothing else. */
  readonly user: string;
}

const dataPath = "/var/lib/mysql";
const socketPath = "/run/mysqld";

/** Where its pod mounts something itself. */
export const mariaDbFolders: readonly OwnFolder[] = [
  { path: filesPath },
  { path: passwordPath },
  { path: dataPath },
  { path: socketPath },
];

/** StatefulSet of one, Service `<name>` on port 3306, claim `<name>-data`. */
export class MariaDbSingle extends Construct {
  constructor(scope: Construct, id: string, props: MariaDbSingleProps) {
    super(scope, id);
    new SingleServer(this, "single", props, {
      program: "mariadb",
      port: { name: "mysql", port: 3306 },
      user: backingUsers.mariadb,
      files: mariaDbFiles(),
      env: [
        { name: "DATABASE", value: sqlName(props.database, "database") },
        { name: "DATABASE_USER", value: sqlName(props.user, "user") },
      ],
      data: { path: dataPath, storage: props.storage },
      folders: [memoryFolder(socketPath, "run", "8Mi")],
      resources: { requests: { cpu: "20m", memory: "192Mi" } },
      startup: { periodSeconds: 2, failureThreshold: 150 },
      timeoutSeconds: 5,
      livenessFailures: 6,
    });
  }
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
