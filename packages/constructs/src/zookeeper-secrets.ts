/** Certificates of an ensemble: a CA of its own, one certificate for the servers, one for all clients. Pure. */
import type { GeneratedSecret } from "@zuul-pulp/secret-ref";
import { type Member, objectLabels } from "./member.ts";

export interface ZooKeeperSecrets {
  /** Whoever holds a certificate of this CA has full access, so it serves nothing else. Kept. */
  readonly ca: GeneratedSecret;
  /** Keys `ca.crt`, `tls.pem`: mounted by the servers only. */
  readonly server: GeneratedSecret;
  /** Keys `ca.crt`, `tls.crt`, `tls.key`: for the applications. */
  readonly client: GeneratedSecret;
}

export interface ZooKeeperSecretsProps {
  /** Name of the ensemble. */
  readonly name: string;
  readonly member: Member;
  readonly namespace: string;
  /** Default `cluster.local`. */
  readonly clusterDomain?: string;
}

/** The largest ensemble: its names are in the certificate from the beginning, as new members need them to start. */
const ordinals = [0, 1, 2, 3, 4];

export function zooKeeperSecrets(props: ZooKeeperSecretsProps): ZooKeeperSecrets {
  const { name, member, namespace, clusterDomain = "cluster.local" } = props;
  const labels = objectLabels(member);
  const caId = `${name}-ca`;
  const pods = ordinals.map((ordinal) => `${name}-${ordinal}.${nodesService(name)}`);
  const dnsNames = [
    ...[...pods, name].flatMap((host) => [
      host,
      `${host}.${namespace}`,
      `${host}.${namespace}.svc`,
      `${host}.${namespace}.svc.${clusterDomain}`,
    ]),
    "localhost",
    "127.0.0.1",
    "::1",
  ];
  return {
    ca: {
      id: caId,
      secretName: caId,
      labels,
      retain: true,
      make: { kind: "ca", commonName: commonName(caId) },
    },
    server: {
      id: `${name}-server-tls`,
      secretName: `${name}-server-tls`,
      labels,
      retain: false,
      // Quorum members are each other's clients.
      make: {
        kind: "certificate",
        ca: caId,
        commonName: commonName(name),
        dnsNames,
        usages: ["server", "client"],
      },
    },
    client: {
      id: `${name}-client-tls`,
      secretName: `${name}-client-tls`,
      labels,
      retain: false,
      make: {
        kind: "certificate",
        ca: caId,
        commonName: commonName(`${name}-client`),
        dnsNames: [],
        usages: ["client"],
      },
    },
  };
}

/** Headless Service that gives each member its name. */
export function nodesService(name: string): string {
  return `${name}-nodes`;
}

/** X.509 holds at most 64 characters. */
function commonName(name: string): string {
  return name.slice(0, 64);
}
