/**
 * What the cluster already says about one Pulp, from the watch cache: its address, and volumes that cannot shrink. Pure.
 * Address and configuration depend on each other: a node port is assigned first, then it becomes part of the settings.
 */
import { exposedUrl, type ExposedUrl } from "@zuul-pulp/constructs";
import { Blocked, labelValue, type LiveObject, type ObjectRef } from "@zuul-pulp/k8s-core/model";
import { fields, list, text } from "./json.ts";
import { nameOf } from "./names.ts";
import type { Pulp } from "./parse.ts";
import { bytesOf } from "./quantity.ts";

export interface Present {
  readonly address: ExposedUrl;
  /** Digest of the image that each migration Job ran with, where the node's runtime knows one. */
  readonly migratedWith: ReadonlyMap<string, string>;
}

/** The part of the edge that this step needs. */
export interface Cluster {
  live(ref: ObjectRef): LiveObject | undefined;
  pods(): readonly LiveObject[];
}

/** Ports of the Service in front: the first one is the one that the URL names. */
export function webPorts(isSecure: boolean) {
  const http = { name: "http", port: 80 };
  return isSecure ? [{ name: "https", port: 443 }, http] : [http];
}

/** @throws Blocked `ShrinkRefused`, `StorageChangeRefused` when a live volume contradicts the spec */
export function presentOf(pulp: Pulp, cluster: Cluster): Present {
  refuseImpossibleVolumes(pulp, cluster);
  return { address: addressOf(pulp, cluster), migratedWith: migratedWith(pulp, cluster) };
}

/**
 * A runtime that was handed the image as an archive knows no digest of a registry: then the tag has to do. So it has
 * where the digest is of another repository with the same image: under ours the node may not find it.
 */
function migratedWith({ name, spec: { image } }: Pulp, cluster: Cluster): ReadonlyMap<string, string> {
  return new Map(
    podsOf(name, "migration", cluster)
      .toSorted((a, b) => (creationOf(a) < creationOf(b) ? -1 : 1))
      .flatMap((pod): readonly (readonly [string, string])[] => {
        const job = pod.metadata.labels?.["batch.kubernetes.io/job-name"];
        const digest = list(fields(pod["status"])["containerStatuses"])
          .flatMap((status) => text(fields(status)["imageID"]) ?? [])
          .flatMap((imageId) => digestIn(imageId, image) ?? [])[0];
        return job === undefined || digest === undefined ? [] : [[job, digest]];
      }),
  );
}

/** Runtimes write out what a short name stands for. */
function digestIn(imageId: string, repository: string): string | undefined {
  const [, of = "", digest] = /^(.+)@(sha256:[0-9a-f]{64})$/.exec(imageId) ?? [];
  const names = [repository, `docker.io/${repository}`, `docker.io/library/${repository}`];
  return names.includes(of) ? digest : undefined;
}

const creationOf = ({ metadata }: LiveObject): string => metadata.creationTimestamp ?? "";

function podsOf(instance: string, component: string, cluster: Cluster): readonly LiveObject[] {
  return cluster
    .pods()
    .filter(
      ({ metadata: { labels = {} } }) =>
        labels["app.kubernetes.io/instance"] === labelValue(instance) &&
        labels["app.kubernetes.io/component"] === component,
    );
}

function addressOf(pulp: Pulp, cluster: Cluster): ExposedUrl {
  const {
    name,
    namespace,
    spec: { expose },
    hasWeb,
  } = pulp;
  const isSecure = expose.tls !== undefined;
  return exposedUrl(
    {
      expose,
      name: hasWeb ? nameOf(name, "web") : name,
      namespace,
      port: isSecure ? 443 : 80,
      isSecure,
      nodeAddress: nodeAddress(pulp, cluster),
    },
    (ref) => cluster.live(ref),
  );
}

/** The node in the present URL while it still runs a web pod, else any that does: a URL that moves rolls everything. */
function nodeAddress({ name, recorded }: Pulp, cluster: Cluster): string | undefined {
  const nodes = podsOf(name, "web", cluster)
    .flatMap((pod) => text(fields(pod["status"])["hostIP"]) ?? [])
    .sort();
  const before = /^https?:\/\/\[?([^/\]]+?)\]?(:\d+)?$/.exec(recorded.url ?? "")?.[1];
  return nodes.length === 0 || (before !== undefined && nodes.includes(before))
    ? (before ?? nodes[0])
    : nodes[0];
}

function refuseImpossibleVolumes({ name, storage, database }: Pulp, cluster: Cluster): void {
  if (storage.kind === "filesystem" && storage.existingClaim === undefined)
    refuseImpossible("spec.storage.filesystem", nameOf(name, "storage"), storage.volume, cluster);
  if (database.kind === "single")
    refuseImpossible(
      "spec.database.single.storage",
      `${nameOf(name, "database")}-data`,
      database.storage,
      cluster,
    );
}

interface Wanted {
  readonly size: string;
  readonly storageClassName?: string | undefined;
  readonly accessMode?: string | undefined;
}

function refuseImpossible(field: string, claim: string, wanted: Wanted, cluster: Cluster): void {
  const live = cluster.live({ apiVersion: "v1", kind: "PersistentVolumeClaim", name: claim });
  if (live === undefined) return;
  const spec = fields(live["spec"]);
  const size = text(fields(fields(spec["resources"])["requests"])["storage"]);
  if (size !== undefined && (bytesOf(wanted.size) ?? 0) < (bytesOf(size) ?? 0))
    throw new Blocked(
      "ShrinkRefused",
      `Cannot shrink volume claim ${claim} from ${size} to ${wanted.size}: set ${field}.size to ${size} or more`,
    );
  const className = text(spec["storageClassName"]);
  if (
    wanted.storageClassName !== undefined &&
    className !== undefined &&
    className !== wanted.storageClassName
  )
    throw new Blocked(
      "StorageChangeRefused",
      `Cannot change the storage class of volume claim ${claim} from ${className} to ${wanted.storageClassName}: set ${field}.storageClassName back`,
    );
  const modes = Array.isArray(spec["accessModes"]) ? spec["accessModes"] : [];
  if (wanted.accessMode !== undefined && modes.length > 0 && !modes.includes(wanted.accessMode))
    throw new Blocked(
      "StorageChangeRefused",
      `Cannot change the access mode of volume claim ${claim} from ${modes.join(", ")} to ${wanted.accessMode}: set ${field}.accessMode back`,
    );
}
