/** A ZooKeeper ensemble of 1, 3 or 5 members that speaks nothing but TLS. Pure. */
import { Construct } from "constructs";
import { backingSecurity, backingUsers } from "./backing-images.ts";
import { type BackingServiceProps, filesHash, filesMount, filesName, filesPath } from "./backing-service.ts";
import { ConfigFiles } from "./config-files.ts";
import type { Container } from "./container.ts";
import type { Mount } from "./mount.ts";
import { NetworkRules } from "./network-rules.ts";
import type { OwnFolder } from "./server-rules.ts";
import { ServiceObject } from "./service-object.ts";
import type { Storage } from "./storage.ts";
import { Workload } from "./workload.ts";
import { tlsPath, zooKeeperFiles } from "./zookeeper-files.ts";
import { nodesService } from "./zookeeper-secrets.ts";

/** Even sizes add nothing. Growing from 1 is unsafe: two new, empty members could outvote the one with the data. */
export type ZooKeeperCount = 1 | 3 | 5;

/** On each volume: of how many members its ensemble was. Data of one size must not meet members of another. */
export const ensembleSizeAnnotation = "operators.zuul-pulp.io/ensemble-size";

export interface ZooKeeperEnsembleProps extends BackingServiceProps {
  readonly namespace: string;
  readonly count: ZooKeeperCount;
  readonly storage: Storage;
  /** Secret with `ca.crt` and `tls.pem` (certificate, then PKCS#8 key). */
  readonly serverSecret: string;
  /**
   * Hash over that Secret: a renewed certificate restarts one member after the other. ZooKeeper watches its files as
   * well, but not through the symbolic links by which a kubelet replaces them.
   */
  readonly configHash?: string | undefined;
  /** Default 256. */
  readonly heapMiB?: number | undefined;
}

const dataPath = "/data";

/** Where the members' pods mount something themselves. */
export const zooKeeperFolders: readonly OwnFolder[] = [
  { path: filesPath },
  { path: tlsPath },
  { path: dataPath },
];

/**
 * StatefulSet, a headless Service for the members (`<name>-nodes`) and one for clients (`<name>`, port 2281).
 * Members start together and find each other before they are ready, as a quorum demands.
 */
export class ZooKeeperEnsemble extends Construct {
  constructor(scope: Construct, id: string, props: ZooKeeperEnsembleProps) {
    super(scope, id);
    const { name, member, count, storage } = props;
    const files = zooKeeperFiles(props);
    const ports = [
      { name: "client", port: 2281 },
      { name: "quorum", port: 2888 },
      { name: "election", port: 3888 },
    ];
    new ConfigFiles(this, "files", { name: filesName(name), member, files });
    new ServiceObject(this, "nodes", {
      name: nodesService(name),
      member,
      ports,
      headless: true,
      publishNotReadyAddresses: true,
    });
    new ServiceObject(this, "client", { name, member, ports: [{ name: "client", port: 2281 }] });
    new NetworkRules(this, "rules", {
      name,
      member,
      ingress: [
        { from: props.clients ?? "namespace", ports: [{ port: 2281 }] },
        { from: [member], ports: [{ port: 2281 }, { port: 2888 }, { port: 3888 }] },
      ],
    });
    new Workload(this, "members", {
      kind: "StatefulSet",
      name,
      member,
      replicas: count,
      serviceName: nodesService(name),
      podManagementPolicy: "Parallel",
      volumeClaims: [{ name: "data", ...storage, annotations: { [ensembleSizeAnnotation]: String(count) } }],
      disruption: { maxUnavailable: 1 },
      configHash: filesHash(files, props.configHash),
      deletionPolicy: props.deletionPolicy,
      pod: {
        containers: [container(props, ports)],
        security: props.security ?? backingSecurity(backingUsers.zookeeper),
        overrides: props.pod,
        imagePullSecrets: props.imagePullSecrets,
        graceSeconds: 60,
      },
    });
  }
}

/** Each member, comma separated: clients fail over by themselves. */
export function zooKeeperHosts(name: string, namespace: string, count: number): string {
  return Array.from(
    { length: count },
    (_, ordinal) => `${name}-${ordinal}.${nodesService(name)}.${namespace}.svc:2281`,
  ).join(",");
}

function container(
  { name, image, serverSecret, heapMiB = 256 }: ZooKeeperEnsembleProps,
  ports: Container["ports"],
): Container {
  const probe = (question: "alive" | "ready") => ["bash", `${filesPath}/probe.sh`, question];
  return {
    name: "zookeeper",
    image,
    command: ["bash", `${filesPath}/start.sh`],
    env: [
      { name: "POD_NAME", field: "metadata.name" },
      // Read by zkServer.sh of every release: the heap is fixed, so that the JVM does not size itself by the node.
      { name: "SERVER_JVMFLAGS", value: `-Xms64m -Xmx${heapMiB}m -XX:+UseSerialGC` },
    ],
    ports: ports ?? [],
    probes: {
      startup: { exec: probe("alive"), periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 60 },
      readiness: { exec: probe("ready"), periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 3 },
      liveness: { exec: probe("alive"), periodSeconds: 20, timeoutSeconds: 10, failureThreshold: 4 },
    },
    mounts: [
      filesMount(name),
      tlsMount(serverSecret),
      { path: dataPath, from: { kind: "claimTemplate", name: "data" } },
    ],
    resources: { requests: { cpu: "50m", memory: `${heapMiB + 128}Mi` } },
  };
}

/** The names end with `.pem`, by which ZooKeeper knows the form of its stores. */
function tlsMount(serverSecret: string): Mount {
  const items = [
    { key: "tls.pem", path: "server.pem" },
    { key: "ca.crt", path: "ca.pem" },
  ];
  return { path: tlsPath, from: { kind: "secret", name: serverSecret, items, mode: 0o440 } };
}
