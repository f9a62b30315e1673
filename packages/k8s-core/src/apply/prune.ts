/** Which live objects of a resource are no longer wanted. Pure: the engine asks the server again before each delete. */
import type { LiveObject, ObjectId } from "../model/manifest.ts";
import { objectId, refOf } from "../model/manifest.ts";
import { isRetained, type Plan } from "../model/plan.ts";
import { managedByLabel, partOfLabel } from "./stamp.ts";

export interface PruneProps {
  /** Live objects that carry our owner reference, or our labels without any owner. */
  readonly members: readonly LiveObject[];
  readonly desired: ReadonlySet<ObjectId>;
  /** Secrets that this pass read or made: they are wanted although no manifest says so. */
  readonly used: ReadonlySet<ObjectId>;
  readonly deletionPolicy: Plan["deletionPolicy"];
  readonly fieldManager: string;
  readonly partOf: string;
  readonly ownerUid: string;
}

/** An opt-out on a child: `disabled` keeps it although nobody wants it any more. */
export const pruneAnnotation = "operators.zuul-pulp.io/prune";

/** What leads traffic goes first, what others mount goes last. */
const order: readonly string[] = [
  "Route",
  "HTTPRoute",
  "Ingress",
  "HorizontalPodAutoscaler",
  "ServiceMonitor",
  "CronJob",
  "Job",
  "Deployment",
  "StatefulSet",
  "DaemonSet",
  "PodDisruptionBudget",
  "Service",
  "NetworkPolicy",
  "ConfigMap",
  "Secret",
  "ServiceAccount",
];

/**
 * Objects to delete, in order. Nothing when the plan is empty: a resource that wants nothing is a bug, not a wish.
 * What holds data stays unless `deletionPolicy: Delete`.
 */
export function unwanted({
  members,
  desired,
  used,
  deletionPolicy,
  fieldManager,
  partOf,
  ownerUid,
}: PruneProps): readonly LiveObject[] {
  if (desired.size === 0) return [];
  const rank = (kind: string) => (order.includes(kind) ? order.indexOf(kind) : order.length);
  return members
    .filter((live) => {
      const { labels = {}, annotations = {}, ownerReferences = [], deletionTimestamp } = live.metadata;
      const id = objectId(refOf(live));
      if (deletionTimestamp !== undefined || desired.has(id) || used.has(id)) return false;
      if (labels[managedByLabel] !== fieldManager || annotations[pruneAnnotation] === "disabled")
        return false;
      if (isRetained(live) && deletionPolicy !== "Delete") return false;
      const isOwned = ownerReferences.some(({ uid, controller }) => uid === ownerUid && controller === true);
      // Without an owner the labels alone speak, and only for what was kept on purpose.
      return isOwned || (ownerReferences.length === 0 && isRetained(live) && labels[partOfLabel] === partOf);
    })
    .sort((a, b) => rank(a.kind) - rank(b.kind));
}
