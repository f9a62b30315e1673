/** When a resource on simulated nodes has come as far as it can. Pure. */
import type { LiveObject } from "@zuul-pulp/k8s-core/model";
import { conditionOf, field } from "./look.ts";

/**
 * No application runs on a simulated node and it has no address, so the last thing that a resource waits for is the
 * application's own word, or a node's. Every gate before has opened by then: pods are ready, Jobs are complete. Ready
 * True is seen in e2e/workloads.
 */
const restReasons: readonly unknown[] = ["WaitingForZuul", "WaitingForPulp", "AddressPending"];

/** Its operator has carried out what the resource says now, and lacks only the application's word. */
export function isCarriedOut(live: LiveObject | undefined): boolean {
  return (
    restReasons.includes(conditionOf(live, "Ready", "reason")) &&
    field(live, "status", "observedGeneration") === live?.metadata.generation
  );
}
