/** The pure door: types and decisions without I/O. Product packages use this and `./crd`, nothing else of k8s-core. */
export type { Applied, AppliedObject, ApplyOutcome } from "./applied.ts";
export { defaultGrants, type Grant, type Grants } from "./grant.ts";
export type { Facts, KeyValues, NewSecret, ReconcileIO, ReferenceReader } from "./io.ts";
export {
  childName,
  labelValue,
  type Membership,
  memberLabels,
  selectorLabels,
  shardOf,
  shortHash,
} from "./labels.ts";
export {
  type Json,
  type LiveObject,
  type ManagedFieldsEntry,
  type Manifest,
  type ObjectId,
  type ObjectRef,
  objectId,
  type OwnerReference,
  refOf,
} from "./manifest.ts";
export { observe, type Observed, type ObservedObject } from "./observe.ts";
export { Blocked, Waiting } from "./outcome.ts";
export {
  type Gate,
  isRetained,
  manifestsOf,
  type Notice,
  type Plan,
  retainAnnotation,
  type Stage,
} from "./plan.ts";
export { isSameData, Recent, remembering } from "./recent.ts";
export { isObjectReady, type Readiness } from "./readiness.ts";
export { blockedBySpec } from "./spec-error.ts";
export type { ComponentStatus, Condition, ConditionClaim, StatusClaim } from "./status.ts";
