/**
 * One pass over one Pulp resource: what was asked goes in, what is so comes out.
 *
 * Level-triggered: it reads the present and remembers nothing, so a second run changes nothing.
 * Retries, back-off, events, metrics and writing the status belong to k8s-core.
 * I/O: only through `io`, in steps 2 and 5.
 */
import { defineController, kinds } from "@zuul-pulp/k8s-core";
import { type Applied, type Observed, observe, type Plan, type ReconcileIO } from "@zuul-pulp/k8s-core/model";
import type { Present, Pulp, PulpConfig, PulpFacts, PulpStatus } from "@zuul-pulp/pulp";
import {
  managedBy,
  parsePulp,
  presentOf,
  pulpKinds,
  referencesOf,
  renderPulp,
  statusOf,
  synthPulp,
} from "@zuul-pulp/pulp";
import { type ResolvedRefs, resolveAll } from "@zuul-pulp/secret-ref";
import { pulpProber } from "./prober.ts";

export async function reconcilePulp(raw: unknown, io: ReconcileIO<PulpFacts>): Promise<PulpStatus> {
  // 1 parse. Blocked names every bad field at once, so the user edits once.
  const pulp: Pulp = parsePulp(raw);

  // 2 resolve. Values stay sealed. An absent Secret is Waiting, a malformed one Blocked; both are watched.
  const refs: ResolvedRefs = await resolveAll(referencesOf(pulp), io);
  //   The address that the cluster assigned is part of the settings, and a volume cannot shrink: from cache.
  const present: Present = presentOf(pulp, io);

  // 3 render. The only step that may open a sealed value.
  const config: PulpConfig = renderPulp(pulp, refs, present);

  // 4 synth. Manifests in stages: database, migration while the old version serves, the new version.
  const plan: Plan = synthPulp(pulp, config);

  // 5 apply. Stops in front of the first closed gate; no waiting here, a watch brings the next pass.
  const applied: Applied = await io.apply(plan);

  // 6 observe. Judged from the live objects that apply returned and the prober's latest facts: no further reads.
  const observed: Observed<PulpFacts> = observe(applied, io.facts());

  // 7 status. Takes Observed, hence cannot be computed from manifests that were never sent.
  return statusOf(pulp, config, observed);
}

/** Watches, wake-ups and the operator's own Role all follow from this one declaration. */
export const pulpController = defineController<PulpFacts>({
  definition: pulpKinds.resource,
  fieldManager: managedBy,
  partOf: "pulp",
  owns: [...pulpKinds.owned, ...pulpKinds.observed].map((name) => kinds[name]),
  reads: pulpKinds.referenced,
  concurrency: 4,
  reconcile: reconcilePulp,
  prober: pulpProber,
});
