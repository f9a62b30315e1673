/** One PostgreSQL pod: one database, its owner, a kept volume. Not replicated. Pure. */
import { Construct } from "constructs";
import { backingUsers } from "./backing-images.ts";
import { filesPath, passwordPath, sqlName } from "./backing-service.ts";
import { postgresFiles } from "./postgres-files.ts";
import type { OwnFolder } from "./server-rules.ts";
import { memoryFolder, SingleServer, type SingleServerProps } from "./single-server.ts";
import type { Storage } from "./storage.ts";

export interface PostgresSingleProps extends SingleServerProps {
  readonly storage: Storage;
  /** Letters, digits, underscores. */
  readonly database: string;
  /** Letters, digits, underscores. Owner of the database (so it may install trusted extensions such as hstore), no superuser. */
  readonly user: string;
  /** Default 200. */
  readonly maxConnections?: number | undefined;
}

const dataPath = "/var/lib/postgresql/data";

/** Where its pod mounts something itself. */
export const postgresFolders: readonly OwnFolder[] = [
  { path: filesPath },
  { path: passwordPath },
  { path: dataPath },
  { path: "/run/postgresql" },
  { path: "/dev/shm" },
];

/** StatefulSet of one, Service `<name>` on port 5432, claim `<name>-data`. */
export class PostgresSingle extends Construct {
  constructor(scope: Construct, id: string, props: PostgresSingleProps) {
    super(scope, id);
    new SingleServer(this, "single", props, {
      program: "postgres",
      port: { name: "postgres", port: 5432 },
      user: backingUsers.postgres,
      files: postgresFiles({ maxConnections: props.maxConnections ?? 200 }),
      env: [
        { name: "DATABASE", value: sqlName(props.database, "database") },
        { name: "DATABASE_USER", value: sqlName(props.user, "user") },
      ],
      data: { path: dataPath, storage: props.storage },
      folders: [
        memoryFolder("/run/postgresql", "run", "8Mi"),
        // The runtime's own 64 MB are too few for parallel queries.
        memoryFolder("/dev/shm", "shm", "256Mi"),
      ],
      resources: { requests: { cpu: "20m", memory: "128Mi" } },
      startup: { periodSeconds: 2, failureThreshold: 150 },
      timeoutSeconds: 5,
      livenessFailures: 6,
      // At kubelet's own signal the server would wait for its clients, which never go by themselves: until it is killed.
      preStop: ["sh", "-c", "kill -INT 1"],
    });
  }
}
