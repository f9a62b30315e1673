/**
 * One pass over one Zuul resource: what was asked goes in, what is so comes out.
 *
 * Level-triggered: it reads the present and remembers nothing, so a second run changes nothing.
 * Retries, back-off, events, metrics and writing the status belong to k8s-core.
 * I/O: only through `io`, in steps 2 and 5.
 */
import { defineController, kinds } from "@zuul-pulp/k8s-core";
import { type Applied, type Observed, observe, type Plan, type ReconcileIO } from "@zuul-pulp/k8s-core/model";
import { type ResolvedRefs, resolveAll } from "@zuul-pulp/secret-ref";
import type { LiveLauncher, Zuul, ZuulConfig, ZuulFacts, ZuulStatus } from "@zuul-pulp/zuul";
import {
  liveLaunchers,
  parseZuul,
  referencesOf,
  renderZuul,
  statusOf,
  synthZuul,
  zuulKinds,
  zuulPermissions,
} from "@zuul-pulp/zuul";
import { zuulProber } from "./prober.ts";

export async function reconcileZuul(raw: unknown, io: ReconcileIO<ZuulFacts>): Promise<ZuulStatus> {
  // 1 parse. Blocked names every bad field at once, so the user edits once.
  const zuul: Zuul = parseZuul(raw);

  // 2 resolve. Values stay sealed. An absent Secret is Waiting, a malformed one Blocked; both are watched.
  // What a launcher was given is looked up as well: its provider may have left the file, and is then drained.
  const launchers: readonly LiveLauncher[] = liveLaunchers(io);
  const refs: ResolvedRefs = await resolveAll(referencesOf(zuul, launchers), io);

  // 3 render and shard. The only step that may open a sealed value.
  const config: ZuulConfig = renderZuul(zuul, refs, launchers);

  // 4 synth. Manifests in stages; what runs now decides which gates stand between them.
  const plan: Plan = synthZuul(zuul, config, zuulPermissions(io.grants), io);

  // 5 apply. Stops in front of the first closed gate; no waiting here, a watch brings the next pass.
  const applied: Applied = await io.apply(plan);

  // 6 observe. Judged from the live objects that apply returned and the prober's latest facts: no further reads.
  const observed: Observed<ZuulFacts> = observe(applied, io.facts());

  // 7 status. Takes Observed, hence cannot be computed from manifests that were never sent.
  return statusOf(zuul, observed);
}

/** Watches, wake-ups and the operator's own Role all follow from this one declaration. */
export const zuulController = defineController<ZuulFacts>({
  definition: zuulKinds.resource,
  fieldManager: "zuul-operator",
  partOf: "zuul",
  owns: [...zuulKinds.owned, ...zuulKinds.observed].map((name) => kinds[name]),
  reads: zuulKinds.referenced,
  concurrency: 4,
  reconcile: reconcileZuul,
  prober: zuulProber,
});
