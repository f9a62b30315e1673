/** The Pulps of these suites: the demo's own, and two beside it that a suite starts when it finds them missing. */
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import type { Manifest } from "@zuul-pulp/k8s-core/model";
import type { PulpAccess } from "../demo/pulp-file.ts";
import { namespaces } from "../demo/resources.ts";
import { prefix } from "../images/recipe.ts";
import { run } from "../run.ts";
import { waitFor } from "../wait-for.ts";
import { imagesUnderTest, type UnderTest, untilReady } from "./cluster-under-test.ts";
import { s3Bucket, s3NodePort, s3Server } from "./s3-server.ts";

export const pulpKind = "pulps.pulpproject.org";

export interface PulpRef {
  readonly namespace: string;
  readonly name: string;
}

export const demoPulp: PulpRef = { namespace: namespaces.pulp, name: "pulp" };
/** In the namespace of the demo's Pulp: artifacts in S3, TLS at nginx, no cache. */
export const objectsPulp: PulpRef = { namespace: namespaces.pulp, name: "objects" };
/** In a namespace of its own, behind a load balancer, on a claim of the user's: begins with an older release. */
export const olderPulp: PulpRef = { namespace: namespaces.pulpTwo, name: "older" };

/** As `e2e/images` builds it. */
export const olderVersion = "3.105.25";

/** A spec of evaluation size. */
export function smallPulp({ name }: PulpRef, more: Readonly<Record<string, unknown>>): Manifest {
  const images = imagesUnderTest();
  const gunicorn = { workers: 1 };
  return {
    apiVersion: "pulpproject.org/v1alpha1",
    kind: "Pulp",
    metadata: { name },
    spec: {
      image: images.pulp,
      version: images.pulpVersion,
      api: { replicas: 1, gunicorn },
      content: { replicas: 1, gunicorn },
      worker: { replicas: 1 },
      web: { image: images.nginx },
      database: { single: { image: images.postgres, storage: { size: "1Gi" } } },
      cache: { enabled: false },
      storage: { filesystem: { size: "1Gi" } },
      ...more,
    },
  };
}

/** Begins to bring it up, unless it is there. */
export async function startObjects(cluster: UnderTest): Promise<void> {
  if (await exists(cluster, objectsPulp)) return;
  await cluster.load(["s3"]);
  const { nodeAddress, kubectl } = cluster;
  const certificate = await selfSigned(nodeAddress);
  const keys = { accessKeyId: "objects", secretAccessKey: randomBytes(20).toString("hex") };
  await kubectl.apply(
    [
      secret("objects-s3", keys),
      secret("objects-tls", certificate),
      ...s3Server(imagesUnderTest().git, "objects-s3"),
      smallPulp(objectsPulp, {
        storage: {
          s3: {
            bucket: s3Bucket,
            region: "us-east-1",
            endpoint: `http://${nodeAddress}:${s3NodePort}`,
            addressing: "path",
            credentials: { secretName: "objects-s3" },
          },
        },
        expose: { type: "NodePort", tls: { secretName: "objects-tls" } },
      }),
    ],
    objectsPulp.namespace,
  );
}

/** Begins to bring it up, unless it is there. */
export async function startOlder(cluster: UnderTest): Promise<void> {
  if (await exists(cluster, olderPulp)) return;
  await cluster.load(["pulp-older"]);
  await cluster.kubectl.apply(
    [
      {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name: "older-files" },
        spec: { accessModes: ["ReadWriteMany"], resources: { requests: { storage: "1Gi" } } },
      },
      smallPulp(olderPulp, {
        image: `${prefix}/pulp-minimal`,
        version: olderVersion,
        storage: { filesystem: { existingClaim: "older-files" } },
        expose: { type: "LoadBalancer" },
      }),
    ],
    olderPulp.namespace,
  );
  await assignAddress(cluster, olderPulp);
}

/** Waits for it, and trusts its certificate. */
export async function untilObjects(cluster: UnderTest): Promise<PulpAccess> {
  await startObjects(cluster);
  await trust(cluster, "objects-tls", objectsPulp.namespace);
  return untilUp(cluster, objectsPulp);
}

export async function untilOlder(cluster: UnderTest): Promise<PulpAccess> {
  await startOlder(cluster);
  return untilUp(cluster, olderPulp);
}

async function untilUp(cluster: UnderTest, pulp: PulpRef): Promise<PulpAccess> {
  await untilReady(cluster, pulpKind, pulp.name, pulp.namespace);
  return accessTo(cluster, pulp);
}

/** What a cloud does for its load balancers. */
async function assignAddress(
  { kubectl, nodeAddress }: UnderTest,
  { name, namespace }: PulpRef,
): Promise<void> {
  const loadBalancer = { ingress: [{ ip: nodeAddress }] };
  await waitFor({ what: `the Service of ${name}`, timeoutMs: 180_000, everyMs: 1000 }, () =>
    kubectl(
      ...["-n", namespace, "patch", "service", `${name}-web`, "--subresource=status", "--type=merge"],
      ...["-p", JSON.stringify({ status: { loadBalancer } })],
    ),
  );
}

export async function accessTo(cluster: UnderTest, { namespace, name }: PulpRef): Promise<PulpAccess> {
  const { status } = await cluster.kubectl.get<{ status: { url: string } }>(pulpKind, name, namespace);
  return {
    url: status.url,
    password: await secretText(cluster, namespace, `${name}-admin-password`, "password"),
  };
}

export async function secretText(
  { kubectl }: UnderTest,
  namespace: string,
  name: string,
  key: string,
): Promise<string> {
  const { data } = await kubectl.get<{ data: Readonly<Record<string, string>> }>("secret", name, namespace);
  return Buffer.from(data[key] ?? "", "base64").toString();
}

export function secret(name: string, stringData: Readonly<Record<string, string>>): Manifest {
  return { apiVersion: "v1", kind: "Secret", metadata: { name }, stringData };
}

/** Merges into the spec; `null` removes. */
export async function patchPulp(
  { kubectl }: UnderTest,
  { namespace, name }: PulpRef,
  spec: Readonly<Record<string, unknown>>,
): Promise<void> {
  await kubectl.merge(pulpKind, name, namespace, { spec });
}

export interface PulpStatus {
  readonly version?: string;
  readonly pinnedImage?: string;
  readonly observedGeneration?: number;
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason: string;
    readonly message: string;
  }[];
}

export async function statusOf({ kubectl }: UnderTest, { name, namespace }: PulpRef): Promise<PulpStatus> {
  const pulp = await kubectl.get<{ metadata: { generation: number }; status?: PulpStatus }>(
    pulpKind,
    name,
    namespace,
  );
  // What was said about an older spec is no answer.
  return pulp.status?.observedGeneration === pulp.metadata.generation ? pulp.status : {};
}

export function readyOf({ conditions }: PulpStatus) {
  return conditions?.find(({ type }) => type === "Ready");
}

/** Waits until the status gives one of these reasons, and returns its sentence. */
export async function untilReason(
  cluster: UnderTest,
  pulp: PulpRef,
  ...reasons: readonly string[]
): Promise<string> {
  return waitFor(
    { what: `${pulp.name} to say ${reasons.join(" or ")}`, timeoutMs: 420_000, everyMs: 2000 },
    async () => {
      const ready = readyOf(await statusOf(cluster, pulp));
      if (ready !== undefined && reasons.includes(ready.reason)) return ready.message;
      throw new Error(`${ready?.reason}: ${ready?.message}`);
    },
  );
}

async function exists({ kubectl }: UnderTest, { name, namespace }: PulpRef): Promise<boolean> {
  return (await kubectl("-n", namespace, "get", pulpKind, name, "--ignore-not-found", "-o", "name")) !== "";
}

async function selfSigned(address: string): Promise<{ "tls.crt": string; "tls.key": string }> {
  const folder = await mkdtemp(join(tmpdir(), "pulp-tls-"));
  try {
    const [key, certificate] = [join(folder, "tls.key"), join(folder, "tls.crt")];
    await run([
      ...["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=objects"],
      ...["-addext", `subjectAltName=IP:${address}`, "-keyout", key, "-out", certificate],
    ]);
    return { "tls.crt": await readFile(certificate, "utf8"), "tls.key": await readFile(key, "utf8") };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** For this process; other clients are handed the certificate. */
async function trust(cluster: UnderTest, name: string, namespace: string): Promise<void> {
  const certificate = await secretText(cluster, namespace, name, "tls.crt");
  setDefaultCACertificates([...getCACertificates("default"), certificate]);
}
