/** What a line may know of what runs now. Pure. */
import type { LiveObject, ReconcileIO } from "@zuul-pulp/k8s-core/model";

/** The resource's objects as the cluster holds them; there are none offline. */
export type Live = Pick<ReconcileIO, "live" | "liveOf">;

export const nothingLive: Live = { live: () => undefined, liveOf: () => [] };

/** Image of the container that bears the program's name. */
export function imageIn(live: LiveObject | undefined, program: string): string | undefined {
  const containers = record(record(record(live?.["spec"])["template"])["spec"])["containers"];
  const main = (Array.isArray(containers) ? containers : []).map(record).find(({ name }) => name === program);
  return typeof main?.["image"] === "string" ? main["image"] : undefined;
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? { ...value } : {};
