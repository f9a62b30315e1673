/**
 * What is done once is done once, and never twice at a time: which Jobs may be replaced, and what a new one waits for.
 * Judged by containers and not by Jobs, whose status comes seconds after them. Pure.
 *
 * @see Kubernetes 1.35: a Job that is deleted in the foreground starts no further pod, and is there until its pods are gone
 */
import { fields, list, text } from "../json.ts";
import { type LiveObject, type Manifest, type ObjectId, objectId, refOf } from "../model/manifest.ts";

/** For pods that were orphaned; the others name their Job as owner. */
const jobNameLabel = "batch.kubernetes.io/job-name";
const componentLabel = "app.kubernetes.io/component";

/**
 * Whether a Job stays as it is, whatever is wanted now: it is done, or a pod of it is at work or has just done it.
 * One that cannot start, waits for its next attempt or has failed follows the spec.
 */
export function isLeftAlone(job: LiveObject, pods: readonly LiveObject[]): boolean {
  return (
    hasCondition(job, "Complete", "SuccessCriteriaMet") ||
    pods.some((pod) => ownerOf(pod)?.uid === job.metadata.uid && (isRunning(pod) || isDone(pod)))
  );
}

/** A container of it runs: cut off, it would leave half of what it is to do. */
export function isAtWork(job: LiveObject, pods: readonly LiveObject[]): boolean {
  return pods.some((pod) => ownerOf(pod)?.uid === job.metadata.uid && isRunning(pod));
}

/** What must be over before a Job may begin. */
export interface Former {
  /** A pod with a running container, of a Job that is gone or no longer wanted. */
  readonly running?: LiveObject;
  /** Jobs that nobody wants any more and that could still start a pod. */
  readonly jobs: readonly LiveObject[];
}

/**
 * What still does, or may do, what a new Job is to do: Jobs of its component that the plan no longer has, and pods of
 * one that was deleted without waiting for them.
 */
export function formerOf(
  job: Manifest,
  jobs: readonly LiveObject[],
  pods: readonly LiveObject[],
  wanted: ReadonlySet<ObjectId>,
): Former {
  const { name, labels } = job.metadata;
  const component = labels?.[componentLabel];
  if (component === undefined) return { jobs: [] };
  const isOther = (other: string): boolean =>
    other === name || !wanted.has(objectId({ ...refOf(job), name: other }));
  const running = pods.find((pod) => {
    const { [jobNameLabel]: label, [componentLabel]: what } = pod.metadata.labels ?? {};
    const its = ownerOf(pod)?.name ?? label;
    return its !== undefined && what === component && isOther(its) && isRunning(pod);
  });
  return {
    ...(running === undefined ? {} : { running }),
    jobs: jobs.filter(
      (other) =>
        other.metadata.labels?.[componentLabel] === component &&
        other.metadata.name !== name &&
        isOther(other.metadata.name) &&
        !hasCondition(other, "Complete", "Failed"),
    ),
  };
}

const ownerOf = ({ metadata }: LiveObject) => metadata.ownerReferences?.find(({ kind }) => kind === "Job");

/** A container runs, as far as its node has told; of a node that is lost the last word counts. */
function isRunning(pod: LiveObject): boolean {
  const status = fields(pod["status"]);
  if (/^(Succeeded|Failed)$/.test(text(status["phase"]) ?? "")) return false;
  return statesOf(status, "initContainerStatuses", "containerStatuses").some((state) => "running" in state);
}

/** Ended well: its Job is about to be complete. */
function isDone(pod: LiveObject): boolean {
  const status = fields(pod["status"]);
  if (status["phase"] === "Succeeded") return true;
  return statesOf(status, "containerStatuses").some((state) => fields(state["terminated"])["exitCode"] === 0);
}

function statesOf(status: Readonly<Record<string, unknown>>, ...members: readonly string[]) {
  return members
    .flatMap((member) => list(status[member]))
    .map((container) => fields(fields(container)["state"]));
}

function hasCondition(job: LiveObject, ...types: readonly string[]): boolean {
  return list(fields(job["status"])["conditions"])
    .map(fields)
    .some(({ type, status }) => status === "True" && types.includes(text(type) ?? ""));
}
