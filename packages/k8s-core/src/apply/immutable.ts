/**
 * What to do when the server refuses to change an object: a short table, and Blocked for everything else. Pure.
 *
 * Taking each 422 for "immutable, so delete it" would destroy data.
 * @see Kubernetes 1.35 validation; each row was seen on a real server
 */
import { fields, text } from "../json.ts";
import type { LiveObject, Manifest } from "../model/manifest.ts";
import { Blocked } from "../model/outcome.ts";
import { type Answer, isAnswer } from "../wire/answer.ts";

export type Recreation =
  /** Delete it and leave its pods and claims running, then apply again. */
  | "orphan"
  /** Delete it with what belongs to it, then apply again. */
  | "replace"
  /** The same, but its pods are gone before it is: what runs once must not run twice at a time. */
  | "succeed"
  | "refuse";

export function recreationFor(manifest: Manifest, live: LiveObject, answer: Answer): Recreation {
  if (answer.kind !== "invalid") return "refuse";
  switch (manifest.kind) {
    case "StatefulSet":
      return answer.message.includes("updates to statefulset spec for fields other than")
        ? "orphan"
        : "refuse";
    case "RoleBinding":
    case "ClusterRoleBinding":
      return answer.causes.some(({ field }) => field === "roleRef") ? "replace" : "refuse";
    case "Service": {
      const isHeadlessSwitch = (clusterIp(manifest) === "None") !== (clusterIp(live) === "None");
      return isHeadlessSwitch && answer.causes.some(({ field }) => field.startsWith("spec.clusterIP"))
        ? "replace"
        : "refuse";
    }
    case "Job":
      // Only if that is all: a template that the server refuses for another reason would leave nothing behind.
      return answer.causes.length > 0 &&
        answer.causes.every(({ message }) => message.endsWith("field is immutable"))
        ? "succeed"
        : "refuse";
    default:
      return "refuse";
  }
}

/** How the server deletes for each. */
export const propagationOf = {
  orphan: "Orphan",
  replace: "Background",
  succeed: "Foreground",
} as const satisfies Record<Exclude<Recreation, "refuse">, string>;

function clusterIp(service: Manifest | LiveObject): string | undefined {
  return text(fields(service["spec"])["clusterIP"]);
}

/**
 * Whether an existing claim must be sent: only growth of a bound one. The server refuses everything else about a
 * claim, growth of an unbound one included; shrinking does not exist.
 */
export function isClaimToGrow(manifest: Manifest, live: LiveObject): boolean {
  const isBound = fields(live["status"])["phase"] === "Bound";
  const asked = bytes(requestOf(manifest));
  const held = bytes(requestOf(live));
  return isBound && asked !== undefined && held !== undefined && asked > held;
}

/** A class whose volumes cannot grow is answered as if a right were missing. */
export function refusedGrowth(manifest: Manifest, live: LiveObject, error: unknown): Blocked | undefined {
  if (!isAnswer(error, "forbidden") || !/only dynamically provisioned/i.test(error.answer.message))
    return undefined;
  const held = text(requestOf(live)) ?? "";
  return new Blocked(
    "GrowthRefused",
    `Cannot grow volume claim ${manifest.metadata.name} from ${held} to ${text(requestOf(manifest)) ?? ""}: its storage class does not allow it; set the size in the spec back to ${held}, or let the class expand volumes`,
  );
}

function requestOf(claim: Manifest | LiveObject): unknown {
  return fields(fields(fields(claim["spec"])["resources"])["requests"])["storage"];
}

const factors: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
  m: 1e-3,
};

/** A quantity of storage in bytes; `undefined` when it is none. */
export function bytes(quantity: unknown): number | undefined {
  const [, digits, suffix] = /^(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)([A-Za-z]{0,2})$/.exec(String(quantity)) ?? [];
  const factor = factors[suffix ?? "?"];
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}
