/** The main door: everything that talks to the API server. Only apps and e2e come through it. */
export { ApplyEngine } from "./apply/engine.ts";
export { adoptAnnotation, ownerOf, stamped, type StampProps } from "./apply/stamp.ts";
export { ownHash } from "./cache/own-fields.ts";
export { type Controller, type ControllerProps, defineController } from "./control/controller.ts";
export { conditionsOf, type Verdict, verdictOfClaim, verdictOfError } from "./control/outcome.ts";
export { ownedKinds } from "./control/owned.ts";
export type { ProbeIO, Prober } from "./control/prober.ts";
export { keyValues } from "./control/reads.ts";
export { groupOf, kindId, kinds, type KindSpec, resourceName } from "./kinds.ts";
export { asText, openLog } from "./process/log.ts";
export { type RunFlags, runOperator, type RunOptions } from "./process/run-operator.ts";
export { namespacesOf, type WatchScope, watchScope } from "./process/scope.ts";
export { homeRules, leaseName, type PolicyRule, rulesFor } from "./rbac.ts";
export { type Answer, type AnswerKind, answerOf, ApiError, isAnswer } from "./wire/answer.ts";
export {
  type ApplyOptions,
  type CallOptions,
  Client,
  type Selection,
  type WatchEvent,
  type WatchOptions,
  type WriteOptions,
} from "./wire/client.ts";
export { connect, type Connection } from "./wire/connect.ts";
export { collectionPath, labelSelector, objectPath, RefusedName } from "./wire/path.ts";
export { type ConnectOptions, findServer } from "./wire/find-server.ts";
export type { Server } from "./wire/server.ts";
export { openTransport, type Transport } from "./wire/transport.ts";
