/** What the suites of this folder run against: the cluster and the demo that `npm run e2e` brought up. */
import { type Cluster, openCluster } from "../cluster/cluster.ts";
import { type DemoImages, demoImages } from "../demo/images.ts";
import { type Kubectl, kubectlFor } from "../demo/kubectl.ts";
import { namespaces } from "../demo/resources.ts";
import { json } from "../demo/zuul-job.ts";
import { ensureImages } from "../images/images.ts";
import { wholeLines } from "../lab/audit.ts";
import { waitFor } from "../wait-for.ts";

export interface UnderTest {
  readonly kubeconfig: string;
  readonly kubectl: Kubectl;
  readonly nodeAddress: string;
  readonly auditLog?: string;
  readonly capabilities: Cluster["capabilities"];
  /** Builds images that only this suite needs, by their names in `e2e/images`, and brings them to the nodes. */
  load(names: readonly string[]): Promise<void>;
}

/** The images that this run uses: all built here, or (members absent) the operators' published defaults. */
export function imagesUnderTest(): DemoImages {
  return demoImages(process.env["E2E_IMAGES"] === "published" ? "published" : "built");
}

export async function clusterUnderTest(): Promise<UnderTest> {
  const kubeconfig = process.env["E2E_KUBECONFIG"];
  if (kubeconfig === undefined)
    throw new Error("E2E_KUBECONFIG is not set: run these suites with `npm run e2e`");
  const provider = process.env["E2E_PROVIDER"];
  const cluster = await openCluster({
    nodes: "real",
    name: process.env["E2E_NAME"] ?? "e2e",
    log: () => undefined,
    ...(provider === "native" || provider === "kind" || provider === "current" ? { provider } : {}),
    ...(provider === "current" ? { kubeconfig } : {}),
  });
  const kubectl = kubectlFor(kubeconfig, cluster.kubectl);
  return {
    kubeconfig,
    kubectl,
    nodeAddress: cluster.nodeAddress ?? "localhost",
    capabilities: cluster.capabilities,
    ...(cluster.auditLog === undefined ? {} : { auditLog: cluster.auditLog }),
    load: async (names) => {
      const archives = await ensureImages(names, () => undefined, true);
      await cluster.loadImages([...new Set(archives.values())]);
    },
  };
}

interface WithStatus {
  readonly metadata: { readonly generation: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly url?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason: string;
      readonly message: string;
    }[];
  };
}

/** Waits until the resource is Ready for its present generation; the error says what it last waited for. */
export async function untilReady(
  { kubectl }: UnderTest,
  kind: string,
  name: string,
  namespace: string,
): Promise<WithStatus> {
  return waitFor({ what: `${kind} ${name} to be Ready`, timeoutMs: 600_000, everyMs: 1000 }, async () => {
    const resource = await kubectl.get<WithStatus>(kind, name, namespace);
    const ready = resource.status?.conditions?.find(({ type }) => type === "Ready");
    if (resource.status?.observedGeneration === resource.metadata.generation && ready?.status === "True")
      return resource;
    throw new Error(`${ready?.reason}: ${ready?.message}`);
  });
}

/**
 * Uid → component of the pods of a namespace, or of one resource in it, that are to stay: what a roll-out changes and a
 * repair does not.
 */
export async function podUids(
  { kubectl }: UnderTest,
  namespace: string,
  instance?: string,
): Promise<ReadonlyMap<string, string>> {
  const selector = instance === undefined ? [] : ["-l", `app.kubernetes.io/instance=${instance}`];
  const list = JSON.parse(await kubectl("-n", namespace, "get", "pods", "-o", "json", ...selector)) as {
    items: readonly {
      metadata: {
        uid: string;
        deletionTimestamp?: string;
        labels?: Record<string, string>;
        ownerReferences?: readonly { kind: string }[];
      };
    }[];
  };
  return new Map(
    list.items
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .filter(({ metadata }) => metadata.ownerReferences?.every(({ kind }) => kind !== "Job"))
      .map(({ metadata }) => [metadata.uid, metadata.labels?.["app.kubernetes.io/component"] ?? ""]),
  );
}

export interface AuditEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly userAgent?: string;
  readonly user: { readonly username: string };
  readonly requestReceivedTimestamp: string;
  readonly objectRef?: { readonly resource?: string; readonly name?: string; readonly subresource?: string };
  readonly responseStatus?: { readonly code?: number };
  /** Of a write to a status. */
  readonly requestObject?: { readonly status?: object };
}

/** Requests that an operator's ServiceAccount sent between two moments, from the API server's audit log. */
export async function auditBetween(
  auditLog: string,
  operator: "zuul-operator" | "pulp-operator",
  from: Date,
  to: Date,
): Promise<readonly AuditEvent[]> {
  const events: AuditEvent[] = [];
  for await (const line of wholeLines(auditLog)) {
    if (!line.includes(`system:serviceaccount:${namespaces.operators}:${operator}"`)) continue;
    const event: AuditEvent = JSON.parse(line);
    const at = new Date(event.requestReceivedTimestamp);
    if (at >= from && at <= to) events.push(event);
  }
  return events;
}

/**
 * Waits until an operator has written nothing for a while: processes of the last roll-out go only after their grace,
 * and the status says so when they do.
 */
export async function untilQuiet(
  auditLog: string,
  operator: Parameters<typeof auditBetween>[1],
  quietMs = 20_000,
): Promise<void> {
  await waitFor({ what: `${operator} to come to rest`, timeoutMs: 240_000, everyMs: 1000 }, async () => {
    const now = new Date();
    const recent = await auditBetween(auditLog, operator, new Date(now.getTime() - quietMs), now);
    return recent.some(isWrite) ? undefined : true;
  });
}

export function isWrite({ verb, requestURI, objectRef, responseStatus }: AuditEvent): boolean {
  return (
    ["create", "update", "patch", "delete"].includes(verb) &&
    !requestURI.includes("dryRun=All") &&
    objectRef?.resource !== "leases" &&
    (responseStatus?.code ?? 0) < 300
  );
}

/** What was written, and to where, for a message. */
export function written({ verb, requestURI, requestObject }: AuditEvent): string {
  return `${verb} ${requestURI} ${JSON.stringify(requestObject?.status ?? "")}`;
}

export { json };
