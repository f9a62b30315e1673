/** One pod of a backing service with a password: its files, Service, rules for the network, claim and workload. Pure. */
import { Construct } from "constructs";
import { backingSecurity } from "./backing-images.ts";
import {
  type BackingServiceProps,
  filesHash,
  filesMount,
  filesName,
  filesPath,
  passwordMount,
  type SecretKey,
} from "./backing-service.ts";
import { ConfigFiles } from "./config-files.ts";
import type { Container, EnvVar, Resources } from "./container.ts";
import type { Mount } from "./mount.ts";
import { NetworkRules } from "./network-rules.ts";
import { ServiceObject } from "./service-object.ts";
import { PersistentClaim, type Storage } from "./storage.ts";
import { Workload } from "./workload.ts";

export interface SingleServerProps extends BackingServiceProps {
  /** A changed password is used when the pod starts. */
  readonly passwordSecret: SecretKey;
  /** Hash of the password, so that a changed one starts the pod again. */
  readonly configHash?: string | undefined;
}

/** What one kind of server needs that another does not. */
export interface Server {
  /** Name of the container. */
  readonly program: string;
  readonly port: { readonly name: string; readonly port: number };
  /** Numeric user of the published image. */
  readonly user: number;
  /** `start.sh` and `probe.sh`, and what they read. */
  readonly files: Readonly<Record<string, string>>;
  readonly env?: readonly EnvVar[];
  /** A volume that outlives the pod, and where it is mounted: then it is a StatefulSet, and ends in its own time. */
  readonly data?: { readonly path: string; readonly storage: Storage };
  /** Folders in memory. */
  readonly folders: readonly Mount[];
  readonly resources: Resources;
  /** Seconds between looks at a starting server, and how many of them. */
  readonly startup: { readonly periodSeconds: number; readonly failureThreshold: number };
  readonly timeoutSeconds: number;
  /** Run before the signal to end. */
  readonly preStop?: readonly string[];
  /** Failed connections, 20 s apart, after which the server is started anew. */
  readonly livenessFailures: number;
}

/** A workload of one and a Service `<name>`; with data a claim `<name>-data`. */
export class SingleServer extends Construct {
  constructor(scope: Construct, id: string, props: SingleServerProps, server: Server) {
    super(scope, id);
    const { name, member } = props;
    const { files, port, data } = server;
    new ConfigFiles(this, "files", { name: filesName(name), member, files });
    if (data !== undefined)
      new PersistentClaim(this, "data", { name: `${name}-data`, member, storage: data.storage });
    new ServiceObject(this, "service", { name, member, ports: [port] });
    new NetworkRules(this, "rules", {
      name,
      member,
      ingress: [{ from: props.clients ?? "namespace", ports: [{ port: port.port }] }],
    });
    new Workload(this, "server", {
      ...(data === undefined ? { kind: "Deployment", strategy: "Recreate" } : { kind: "StatefulSet" }),
      name,
      member,
      replicas: 1,
      configHash: filesHash(files, props.configHash),
      pod: {
        containers: [container(props, server)],
        security: props.security ?? backingSecurity(server.user),
        overrides: props.pod,
        imagePullSecrets: props.imagePullSecrets,
        ...(data === undefined ? {} : { graceSeconds: 120 }),
      },
    });
  }
}

function container({ name, image, passwordSecret }: SingleServerProps, server: Server): Container {
  const { program, port, env, data, folders, resources, startup, timeoutSeconds, livenessFailures, preStop } =
    server;
  const probe = ["sh", `${filesPath}/probe.sh`];
  return {
    name: program,
    image,
    command: ["sh", `${filesPath}/start.sh`],
    ...(env === undefined ? {} : { env }),
    ports: [port],
    ...(preStop === undefined ? {} : { preStop }),
    probes: {
      startup: { exec: probe, timeoutSeconds, ...startup },
      readiness: { exec: probe, periodSeconds: 10, timeoutSeconds, failureThreshold: 3 },
      liveness: {
        tcp: { port: port.name },
        periodSeconds: 20,
        timeoutSeconds,
        failureThreshold: livenessFailures,
      },
    },
    mounts: [
      filesMount(name),
      passwordMount(passwordSecret),
      ...(data === undefined
        ? []
        : [{ path: data.path, from: { kind: "claim" as const, name: `${name}-data` } }]),
      ...folders,
    ],
    resources,
  };
}

/** A folder in memory for sockets and the like. */
export function memoryFolder(path: string, name: string, sizeLimit: string): Mount {
  return { path, from: { kind: "emptyDir", name, medium: "Memory", sizeLimit } };
}
