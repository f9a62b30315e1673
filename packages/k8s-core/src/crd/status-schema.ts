/** The status that every resource has (design section 6), plus the product's own members. Pure. */
import { z } from "zod";
import { doc, listMap } from "./vocabulary.ts";

const condition = z.object({
  type: doc("Ready, Reconciling, Stalled, or a part.", z.string().max(316)),
  status: doc("True, False or Unknown.", z.enum(["True", "False", "Unknown"])),
  reason: doc("One stable CamelCase word; each has a page.", z.string().min(1).max(1024)),
  message: doc("A sentence that says what to do or what is awaited.", z.string().max(32_768)),
  lastTransitionTime: doc("When `status` last changed.", z.string().max(64)),
  observedGeneration: doc("Generation of the spec that this speaks about.", z.int().min(0)),
});

const component = z.object({
  name: doc("Name of the component.", z.string().max(253)),
  desired: doc("Pods that should run.", z.int32()),
  ready: doc("Pods that are ready.", z.int32()),
  updated: doc("Pods that are of the present version.", z.int32()),
  waitingFor: doc("What is missing; absent when nothing is.", z.string().max(4096).optional()),
});

export function statusSchema<S extends Record<string, z.ZodType>>(extra?: S) {
  return z.object({
    observedGeneration: doc(
      "Generation of the spec that this status speaks about.",
      z.int().min(0).optional(),
    ),
    version: doc("Version that runs.", z.string().max(253).optional()),
    url: doc("Where to reach it.", z.string().max(2048).optional()),
    next: doc(
      "What the operator waits for right now and why; empty when ready.",
      z.string().max(4096).optional(),
    ),
    components: doc("One row per component.", z.array(component).max(200).optional()),
    conditions: doc("Conditions, by type.", listMap(condition, ["type"], { max: 32 }).optional()),
    lastHandledReconcileAt: doc(
      "Value of the annotation reconcile-requested-at that was last acted on.",
      z.string().max(253).optional(),
    ),
    ...extra,
  });
}
