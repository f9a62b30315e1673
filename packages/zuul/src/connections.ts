/**
 * Every connection driver of Zuul 14.3.0: what each option is, who reads it, what belongs together. Pure.
 *
 * The table follows the drivers' source, not the documentation (Gerrit's `user` is required; `git_over_ssh=false` means
 * true). A new option of a driver is one line here.
 * @see zuul/driver/*; Zuul 14.3.0 reference, "Connections"
 */
import type { Notice } from "@zuul-pulp/k8s-core/model";
import { loadersOf, type Role } from "./daemons.ts";
import { safeName } from "./ini.ts";
import { type ConfOption, type ConfSection, type OptionTable, readOptions } from "./options.ts";

export interface DriverRule {
  readonly role: Role;
  readonly options: OptionTable;
}

const text = { kind: "text" } as const;
const integer = { kind: "integer" } as const;
const number = { kind: "number" } as const;
const boolean = { kind: "boolean" } as const;
const file = { kind: "file" } as const;
const secret = { kind: "secret" } as const;
/** Stored but never opened by web; git and the event stream open it. */
const gitKey = { kind: "secretFile", sshKey: true, readers: ["executor", "merger", "scheduler"] } as const;
const schedulerOnly = { readers: ["scheduler"] } as const;
/** Opened by zuul-launcher alone when a cloud is used, so it stands in no file of the other daemons. */
const launcherOnly = { kind: "secretFile", readers: [] } as const;

export const drivers = {
  gerrit: {
    role: "source",
    options: {
      server: { ...text, required: true },
      user: { ...text, required: true },
      ssh_server: text,
      port: integer,
      sshkey: gitKey,
      password: secret,
      auth_type: { ...text, oneOf: ["basic", "digest", "form", "gcloud_service"] },
      verify_ssl: boolean,
      git_over_ssh: { ...boolean, omitFalse: true },
      baseurl: text,
      canonical_hostname: text,
      gitweb_url_template: text,
      keepalive: integer,
      max_dependencies: integer,
      replication_delay: integer,
      stream_events: boolean,
      kafka_bootstrap_servers: { kind: "list", ...schedulerOnly },
      kafka_topic: { ...text, ...schedulerOnly },
      kafka_client_id: { ...text, ...schedulerOnly },
      kafka_group_id: { ...text, ...schedulerOnly },
      kafka_tls_cert: { ...file, ...schedulerOnly },
      kafka_tls_ca: { ...file, ...schedulerOnly },
      kafka_tls_key: { kind: "secretFile", ...schedulerOnly, needs: ["kafka_tls_cert", "kafka_tls_ca"] },
      aws_kinesis_region: { ...text, ...schedulerOnly },
      aws_kinesis_stream: { ...text, ...schedulerOnly },
      aws_kinesis_access_key: { ...text, ...schedulerOnly, needs: ["aws_kinesis_secret_key"] },
      aws_kinesis_secret_key: { ...secret, ...schedulerOnly, needs: ["aws_kinesis_access_key"] },
      gcloud_pubsub_project: { ...text, ...schedulerOnly },
      gcloud_pubsub_topic: { ...text, ...schedulerOnly },
      gcloud_pubsub_subscription_id: { ...text, ...schedulerOnly },
      gcloud_pubsub_private_key: { kind: "secretFile", ...schedulerOnly },
    },
  },
  git: {
    role: "source",
    options: { baseurl: { ...text, required: true }, canonical_hostname: text, poll_delay: number },
  },
  github: {
    role: "source",
    options: {
      app_id: { ...integer, needs: ["app_key"] },
      app_key: { kind: "secretFile", needs: ["app_id"] },
      api_token: secret,
      webhook_token: { ...secret, readers: ["web"] },
      sshkey: gitKey,
      server: text,
      canonical_hostname: text,
      verify_ssl: boolean,
      rate_limit_logging: boolean,
      repo_cache: text,
      repo_retry_timeout: integer,
      max_threads_per_installation: integer,
    },
  },
  gitlab: {
    role: "source",
    options: {
      api_token: secret,
      api_token_name: { ...text, needs: ["api_token"] },
      webhook_token: { ...secret, readers: ["web"] },
      server: text,
      canonical_hostname: text,
      baseurl: text,
      cloneurl: text,
      sshkey: gitKey,
      keepalive: integer,
      disable_connection_pool: boolean,
    },
  },
  pagure: {
    role: "source",
    options: {
      api_token: secret,
      sshkey: gitKey,
      server: text,
      canonical_hostname: text,
      baseurl: text,
      cloneurl: text,
      app_name: text,
      source_whitelist: { kind: "list" },
    },
  },
  smtp: {
    role: "reporter",
    options: {
      server: text,
      port: integer,
      default_from: text,
      default_to: text,
      user: { ...text, needs: ["password"] },
      password: { ...secret, needs: ["user"], readers: ["scheduler"] },
      use_starttls: boolean,
    },
  },
  mqtt: {
    role: "reporter",
    options: {
      server: text,
      port: integer,
      keepalive: integer,
      client_id: text,
      user: { ...text, needs: ["password"] },
      password: { ...secret, needs: ["user"] },
      ca_certs: file,
      certfile: { ...file, needs: ["ca_certs", "keyfile"] },
      keyfile: { kind: "secretFile", needs: ["ca_certs", "certfile"] },
      ciphers: { ...text, needs: ["ca_certs"] },
    },
  },
  elasticsearch: {
    role: "reporter",
    options: {
      uri: { ...text, required: true },
      use_ssl: boolean,
      verify_certs: boolean,
      ca_certs: file,
      client_cert: file,
      client_key: { kind: "secretFile", needs: ["client_cert"] },
    },
  },
  aws: {
    role: "provider",
    options: {
      access_key_id: { ...text, needs: ["secret_access_key"] },
      secret_access_key: { ...secret, needs: ["access_key_id"] },
      shared_credentials_file: { kind: "secretFile", needs: ["profile"] },
      profile: { ...text, needs: ["shared_credentials_file"] },
      role_arn: { ...text, needs: ["web_identity_token_file"] },
      web_identity_token_file: { ...file, needs: ["role_arn"] },
      endpoint_url: text,
      rate: number,
    },
  },
  azure: {
    role: "provider",
    options: {
      shared_credentials_file: { kind: "secretFile" },
      federated_token_file: { ...file, needs: ["tenant_id", "client_id", "subscription_id"] },
      tenant_id: { ...text, needs: ["client_id", "subscription_id"] },
      client_id: { ...text, needs: ["tenant_id", "subscription_id"] },
      subscription_id: { ...text, needs: ["tenant_id", "client_id"] },
      client_secret: { ...secret, needs: ["tenant_id", "client_id", "subscription_id"] },
      rate: number,
    },
  },
  openstack: {
    role: "provider",
    options: { cloud: { ...text, required: true }, client_config_file: launcherOnly, rate: number },
  },
  kubernetes: {
    role: "provider",
    options: { kubeconfig_file: launcherOnly, context: text, rate: number, use_openshift_projects: boolean },
  },
  static: { role: "provider", options: {} },
} as const satisfies Readonly<Record<string, DriverRule>>;

export type Driver = keyof typeof drivers;

/** One connection as asked for, ready to be cut into the part of each daemon. */
export interface Connection {
  readonly name: string;
  readonly driver: Driver;
  readonly role: Role;
  readonly section: ConfSection;
}

export interface ReadConnections {
  readonly connections: readonly Connection[];
  readonly problems: readonly string[];
  readonly notices: readonly Notice[];
}

/** Names of Zuul's built-in pseudo connections. */
const reserved: readonly string[] = ["database", "zuul", "timer"];

/** @param webRuns GitHub's `webhook_token` is required only by web, which ends without it */
export function readConnections(raw: Readonly<Record<string, unknown>>, webRuns: boolean): ReadConnections {
  const read = Object.entries(raw)
    .filter(([, options]) => options !== null)
    .map(([name, options]) => readConnection(name, options, webRuns));
  return {
    connections: read.flatMap(({ connection }) => (connection === undefined ? [] : [connection])),
    problems: read.flatMap(({ problems }) => problems),
    notices: read.flatMap(({ notices }) => notices),
  };
}

interface ReadConnection {
  readonly connection?: Connection;
  readonly problems: readonly string[];
  readonly notices: readonly Notice[];
}

function readConnection(name: string, raw: unknown, webRuns: boolean): ReadConnection {
  const path = `connections.${name}`;
  const refuse = (sentence: string): ReadConnection => ({ problems: [`${path}: ${sentence}`], notices: [] });
  if (reserved.includes(name)) return refuse("is a name that Zuul reserves for itself, choose another");
  if (!safeName.test(name) || name.length > 100)
    return refuse(
      "a connection name is letters, digits, '.', '_', '-' and inner spaces, at most 100 characters",
    );
  if (typeof raw !== "object" || raw === null || Array.isArray(raw))
    return refuse("must be an object with a driver");
  const driver = "driver" in raw ? raw.driver : undefined;
  if (!isDriver(driver)) return refuse(unknownDriver(driver));
  const { role, options: table }: DriverRule = drivers[driver];
  const readers = loadersOf[role];
  const read = readOptions({ ...raw }, { path, table, readers, skip: ["driver"] });
  const isSet = (option: string): boolean => read.options.some((candidate) => candidate.name === option);
  const extra =
    driver === "github" && webRuns && !isSet("webhook_token")
      ? [`${path}.webhook_token: is required while web runs, which ends without it`]
      : [];
  const driverOption: ConfOption = { name: "driver", value: { kind: "text", text: driver }, readers };
  return {
    connection: {
      name,
      driver,
      role,
      section: { name: `connection ${name}`, options: [driverOption, ...read.options] },
    },
    problems: [...read.problems, ...extra],
    notices: read.notices,
  };
}

function isDriver(value: unknown): value is Driver {
  return typeof value === "string" && Object.hasOwn(drivers, value);
}

function unknownDriver(driver: unknown): string {
  const known = Object.keys(drivers).join(", ");
  if (driver === "openshift")
    return "driver openshift does not exist: use kubernetes with use_openshift_projects: true";
  if (driver === "sql") return "driver sql is gone from Zuul: set spec.database";
  return driver === undefined ? `driver is required, one of ${known}` : `driver must be one of ${known}`;
}
