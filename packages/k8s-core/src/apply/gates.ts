/** How far a plan may go now: gates are questions about live objects, asked once per pass. Pure. */
import type { LiveObject, ObjectRef } from "../model/manifest.ts";
import type { Gate } from "../model/plan.ts";
import { isObjectReady } from "../model/readiness.ts";

/** What a stage may do. Only ever gets narrower from stage to stage. */
export type Passage = "open" | "updates" | "everything";

const narrowness: readonly Passage[] = ["open", "updates", "everything"];

/** Objects that the gate waits for. */
export function notReadyOf(
  gate: Gate,
  live: (ref: ObjectRef) => LiveObject | undefined,
): readonly ObjectRef[] {
  return gate.until.filter((ref) => {
    const object = live(ref);
    return object === undefined || !isObjectReady(object).ready;
  });
}

/** The passage of a stage behind `before`, whose own gate is closed or not. */
export function narrowed(before: Passage, gate: Gate | undefined, isClosed: boolean): Passage {
  if (gate === undefined || !isClosed) return before;
  return narrowness.indexOf(gate.holds) > narrowness.indexOf(before) ? gate.holds : before;
}
