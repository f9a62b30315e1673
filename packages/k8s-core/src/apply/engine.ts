/**
 * Step 5: makes the cluster be what a plan says, with the fewest requests, and says what it did.
 *
 * Reads from caches, writes by server-side apply. Stages in order, gates as data, objects of a stage side by side.
 * An object that is as we left it costs nothing; after a restart a dry run tells, so that a restart writes nothing.
 */
import { settleAll } from "../bounded.ts";
import type { Caches } from "../cache/caches.ts";
import { ownedPaths, ownEntry, ownHash } from "../cache/own-fields.ts";
import { type KindSpec, kinds } from "../kinds.ts";
import type { Applied, AppliedObject, ApplyOutcome } from "../model/applied.ts";
import { labelValue } from "../model/labels.ts";
import {
  type LiveObject,
  type Manifest,
  type ObjectId,
  objectId,
  type ObjectRef,
  refOf,
} from "../model/manifest.ts";
import { Blocked, Waiting } from "../model/outcome.ts";
import { isRetained, manifestsOf, type Plan, type Stage } from "../model/plan.ts";
import { ApiError, isAnswer } from "../wire/answer.ts";
import type { Client } from "../wire/client.ts";
import { takeOverPatch } from "./adopt.ts";
import { narrowed, notReadyOf, type Passage } from "./gates.ts";
import { isClaimToGrow, propagationOf, recreationFor, refusedGrowth } from "./immutable.ts";
import { formerOf, isAtWork, isLeftAlone } from "./jobs.ts";
import { desiredHash, Memory, repairs } from "./memory.ts";
import { pruneAnnotation, unwanted } from "./prune.ts";
import {
  adoptAnnotation,
  adoptedBy,
  belongingOf,
  besideItsOwner,
  instanceLabel,
  ownerOf,
  stampedOnce,
} from "./stamp.ts";

export interface EngineProps {
  readonly client: Client;
  readonly caches: Caches;
  readonly fieldManager: string;
  /** Writes under way at once, within one stage. Default 8: more is slower against a server on few cores. */
  readonly atOnce?: number;
  readonly onApplied?: (outcome: "created" | "configured" | "unchanged" | "repaired" | "pruned") => void;
}

export interface ApplyContext {
  readonly resource: LiveObject;
  readonly namespace: string;
  readonly partOf: string;
  /** Kinds in which objects of this resource may lie. */
  readonly owns: readonly KindSpec[];
  /** Secrets and ConfigMaps that the pass read or made. */
  readonly used: ReadonlySet<ObjectId>;
  readonly signal: AbortSignal;
  /** An object of somebody else is in the way: its change should wake the resource. */
  readonly onForeign: (ref: ObjectRef) => void;
  /** The resource as it is now; `undefined` when it is gone. */
  readonly present: () => LiveObject | undefined;
}

/** An opt-out on a child: `disabled` leaves it as it is. */
const reconcileAnnotation = "operators.zuul-pulp.io/reconcile";

export class ApplyEngine {
  readonly #props: EngineProps;
  readonly #memory = new Memory();

  constructor(props: EngineProps) {
    this.#props = props;
  }

  /**
   * All stages as far as the gates allow, then pruning when all are open.
   * @throws Blocked `NameConflict`; Waiting `DependencyMissing`, `Forbidden`, `Contended`; ApiError of a write. When
   * one object fails the others of its stage are still applied, later stages are not.
   */
  async apply(plan: Plan, context: ApplyContext): Promise<Applied> {
    const objects = new Map<ObjectId, AppliedObject>();
    let passage: Passage = "open";
    let closedGate: Applied["closedGate"];
    for (const stage of plan.stages) {
      const live = (ref: ObjectRef) =>
        objects.get(objectId(ref))?.live ?? this.#props.caches.live(ref, context.namespace);
      const notReady = stage.gate === undefined ? [] : notReadyOf(stage.gate, live);
      passage = narrowed(passage, stage.gate, notReady.length > 0);
      if (stage.gate !== undefined && notReady.length > 0)
        closedGate ??= { stage: stage.name, gate: stage.gate, notReady };
      for (const applied of await this.#applyStage(stage, passage, plan, context))
        objects.set(objectId(applied.ref), applied);
    }
    const pruned = closedGate === undefined ? await this.#prune(plan, objects, context) : [];
    if (closedGate === undefined) await this.#ownGenerated(plan, context);
    return {
      __brand: "Applied",
      plan,
      objects,
      pods: this.ofInstance(kinds.Pod, context.namespace, context.resource.metadata.name),
      pruned,
      ...(closedGate === undefined ? {} : { closedGate }),
    };
  }

  /** Objects of one kind with the labels of a resource, from cache. */
  ofInstance(kind: KindSpec, namespace: string, instance: string): readonly LiveObject[] {
    return this.#props.caches.store(kind, namespace)?.ofInstance(namespace, labelValue(instance)) ?? [];
  }

  async #applyStage(
    stage: Stage,
    passage: Passage,
    plan: Plan,
    context: ApplyContext,
  ): Promise<readonly AppliedObject[]> {
    const { namespace, resource, signal } = context;
    const owner = ownerOf(resource);
    const { fieldManager, atOnce = 8 } = this.#props;
    const settled = await settleAll(stage.manifests, atOnce, async (raw): Promise<AppliedObject> => {
      signal.throwIfAborted();
      const manifest = stampedOnce(raw, {
        namespace,
        fieldManager,
        instance: resource.metadata.name,
        deletionPolicy: plan.deletionPolicy,
        owner,
      });
      const { outcome, live } = await this.#one(manifest, passage, plan, context);
      return { ref: refOf(manifest), stage: stage.name, outcome, ...(live === undefined ? {} : { live }) };
    });
    const failures = settled.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
    if (failures.length > 0) throw gravest(failures);
    return settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  }

  async #one(
    manifest: Manifest,
    passage: Passage,
    plan: Plan,
    context: ApplyContext,
  ): Promise<{ outcome: ApplyOutcome; live?: LiveObject }> {
    const { caches, fieldManager } = this.#props;
    const { namespace, resource } = context;
    const ref = refOf(manifest);
    const kind = caches.kindOf(ref);
    if (kind === undefined)
      throw new Error(`${manifest.kind} is in a plan, but not among the kinds that the controller owns`);
    const present = caches.existing(ref, namespace);
    const held =
      present === undefined ? { outcome: "held" as const } : { outcome: "held" as const, live: present };
    if (passage === "everything" || (passage === "updates" && present !== undefined)) return held;
    caches.demand(kind, namespace);
    if (present === undefined) {
      if (kind.kind === "Job") await this.#endFormer(manifest, plan, context);
      return await this.#send(kind, manifest, context, undefined, []);
    }

    // Terminating: an apply now would be answered 200 and lost. The delete event brings the next pass.
    if (present.metadata.deletionTimestamp !== undefined) return held;
    const belonging = belongingOf(present, resource, fieldManager);
    if (belonging.kind === "leftover") return held;
    if (belonging.kind === "foreign") {
      context.onForeign(ref);
      throw new Blocked(
        "NameConflict",
        `${kind.kind} "${ref.name}" exists and belongs to ${belonging.holder}: remove or rename it, or hand it over with the annotation ${adoptAnnotation}: ${adoptedBy(resource)}`,
      );
    }
    if (present.metadata.annotations?.[reconcileAnnotation] === "disabled")
      return { outcome: "unchanged", live: present };
    if (belonging.kind === "adopted") await this.#takeOver(kind, present, context);
    // What a Job has done or does stands; a claim only grows.
    if (kind.kind === "Job" && isLeftAlone(present, this.#podsOf(context)))
      return { outcome: "unchanged", live: present };
    if (kind.kind !== "PersistentVolumeClaim") return await this.#compare(kind, manifest, context, present);
    if (!isClaimToGrow(manifest, present)) return { outcome: "unchanged", live: present };
    try {
      return await this.#compare(kind, besideItsOwner(manifest, present), context, present);
    } catch (error) {
      throw refusedGrowth(manifest, present, error) ?? error;
    }
  }

  /** Pods of the resource; before they were listed once, nobody knows whether a Job is at work. */
  #podsOf({ namespace, resource }: ApplyContext): readonly LiveObject[] {
    this.#props.caches.demand(kinds.Pod, namespace);
    return this.ofInstance(kinds.Pod, namespace, resource.metadata.name);
  }

  /** @throws Waiting `JobRunning` until nothing is left that does what a new Job is to do */
  async #endFormer(manifest: Manifest, plan: Plan, context: ApplyContext): Promise<void> {
    const { namespace, resource } = context;
    const ours = this.ofInstance(kinds.Job, namespace, resource.metadata.name).filter(
      (job) =>
        belongingOf(job, resource, this.#props.fieldManager).kind === "ours" &&
        job.metadata.annotations?.[pruneAnnotation] !== "disabled",
    );
    const wanted = new Set(manifestsOf(plan).map((one) => objectId(refOf(one))));
    const { running, jobs } = formerOf(manifest, ours, this.#podsOf(context), wanted);
    const waiting = (what: string) =>
      new Waiting("JobRunning", `Job "${manifest.metadata.name}" is to run, but not beside ${what}`, 5000);
    if (running !== undefined)
      throw waiting(
        `pod ${running.metadata.name}, which does the same for what was wanted before: it is left to its end`,
      );
    for (const job of jobs) {
      if (await this.#hasBegun(job, context))
        throw waiting(`Job "${job.metadata.name}", which has just begun`);
      await this.#remove(kinds.Job, job, context, "Foreground");
    }
    if (jobs.length > 0)
      throw waiting(`Job "${jobs[0]?.metadata.name}", which is no longer wanted and being deleted`);
  }

  /** Asks the server, as our caches may be behind, and what has begun must not be cut off. */
  async #hasBegun(
    { metadata: { name } }: LiveObject,
    { namespace, resource, signal }: ApplyContext,
  ): Promise<boolean> {
    const { client } = this.#props;
    const job = await client.get(kinds.Job, namespace, name, { signal });
    if (job === undefined) return false;
    const labels = { [instanceLabel]: labelValue(resource.metadata.name) };
    return isLeftAlone(job, (await client.list(kinds.Pod, namespace, { labels, signal })).items);
  }

  /** What a former writer set and we do not want goes with the apply that follows. */
  async #takeOver(kind: KindSpec, present: LiveObject, { namespace, signal }: ApplyContext): Promise<void> {
    const { client, fieldManager } = this.#props;
    const live = await client.get(kind, namespace, present.metadata.name, { signal });
    const patch = live === undefined ? undefined : takeOverPatch(live, fieldManager);
    if (patch !== undefined)
      await client.jsonPatch(kind, namespace, present.metadata.name, patch, { fieldManager, signal });
  }

  /** From memory; by dry run when there is none; else by sending. */
  async #compare(
    kind: KindSpec,
    manifest: Manifest,
    context: ApplyContext,
    present: LiveObject,
  ): Promise<{ outcome: ApplyOutcome; live: LiveObject }> {
    const { caches, client, fieldManager } = this.#props;
    const { name } = manifest.metadata;
    const heldHash = caches.store(kind, context.namespace)?.ownHash(context.namespace, name);
    const id = this.#id(manifest, context);
    const known = this.#memory.get(id);
    const desired = desiredHash(manifest);
    const isKnown = known !== undefined && known.uid === present.metadata.uid;
    if (isKnown && known.desired === desired) {
      if (known.own === heldHash) return { outcome: "unchanged", live: present };
      const { recent, isContended } = repairs(known.repairsMs, performance.now());
      if (isContended) throw await this.#contended(kind, name, context);
      return await this.#send(kind, manifest, context, present, [...recent, performance.now()]);
    }
    if (!isKnown && heldHash !== undefined) {
      const options = { fieldManager, dryRun: true, signal: context.signal };
      const { object } = await this.#withRecreation(kind, manifest, context, present, () =>
        client.apply(kind, context.namespace, manifest, options),
      );
      const own = ownHash(object, fieldManager);
      if (own === heldHash) {
        this.#memory.set(id, { desired, own, uid: present.metadata.uid, repairsMs: [] });
        return { outcome: "unchanged", live: present };
      }
    }
    return await this.#send(kind, manifest, context, present, []);
  }

  async #send(
    kind: KindSpec,
    manifest: Manifest,
    context: ApplyContext,
    present: LiveObject | undefined,
    repairsMs: readonly number[],
  ): Promise<{ outcome: ApplyOutcome; live: LiveObject }> {
    const { caches, client, fieldManager, onApplied } = this.#props;
    const { namespace, signal } = context;
    const here = context.present();
    if (
      here === undefined ||
      here.metadata.uid !== context.resource.metadata.uid ||
      here.metadata.deletionTimestamp !== undefined
    )
      throw new Waiting("Deleting", "The resource is being deleted");
    const store = caches.store(kind, namespace);
    if (store === undefined) throw new Error(`nobody watches ${kind.kind}`);
    const send = async () => {
      const result = await client.apply(kind, namespace, manifest, { fieldManager, signal });
      return { trimmed: caches.trim(result.object), result };
    };
    const { object, isCreated } = await this.#withRecreation(kind, manifest, context, present, () =>
      store.write(namespace, manifest.metadata.name, send),
    );
    const outcome = isCreated
      ? "created"
      : object.metadata.resourceVersion === present?.metadata.resourceVersion
        ? "unchanged"
        : "configured";
    onApplied?.(repairsMs.length > 0 ? "repaired" : outcome);
    this.#memory.set(this.#id(manifest, context), {
      desired: desiredHash(manifest),
      own: ownHash(object, fieldManager),
      uid: object.metadata.uid,
      repairsMs,
    });
    return { outcome, live: caches.trim(object).object };
  }

  /** Two writes that met are tried once more; a field that cannot change is handled by the table. */
  async #withRecreation<T>(
    kind: KindSpec,
    manifest: Manifest,
    context: ApplyContext,
    present: LiveObject | undefined,
    send: () => Promise<T>,
  ): Promise<T> {
    try {
      return await send();
    } catch (error) {
      if (isAnswer(error, "conflict")) return await send();
      if (present === undefined || !(error instanceof ApiError)) throw error;
      const recreation = recreationFor(manifest, present, error.answer);
      if (recreation === "refuse") throw error;
      if (recreation === "succeed" && (await this.#hasBegun(present, context)))
        throw new Waiting("JobRunning", `Job "${present.metadata.name}" has just begun`, 5000);
      await this.#remove(kind, present, context, propagationOf[recreation]);
      throw new Waiting(
        "Recreating",
        `${kind.kind} "${manifest.metadata.name}" has a field that cannot change and is made anew`,
        5000,
      );
    }
  }

  async #prune(
    plan: Plan,
    objects: ReadonlyMap<ObjectId, AppliedObject>,
    context: ApplyContext,
  ): Promise<readonly ObjectRef[]> {
    const { caches, fieldManager, atOnce = 8, onApplied } = this.#props;
    const { namespace, resource, partOf, used } = context;
    const { uid, name } = resource.metadata;
    const members = context.owns.flatMap((kind) => {
      const store = caches.isSynced(kind, namespace) ? caches.store(kind, namespace) : undefined;
      if (store === undefined) return [];
      return [...new Set([...store.ownedBy(uid), ...store.ofInstance(namespace, labelValue(name))])];
    });
    const gone = unwanted({
      members,
      desired: new Set(objects.keys()),
      used,
      deletionPolicy: plan.deletionPolicy,
      fieldManager,
      partOf,
      ownerUid: uid,
    }).filter((live) => live.kind !== kinds.Job.kind || !isAtWork(live, this.#podsOf(context)));
    const settled = await settleAll(gone, atOnce, async (live) => {
      const kind = caches.kindOf(live);
      if (kind === undefined) return;
      await this.#remove(kind, live, context, "Background");
      this.#memory.forget(`${namespace}/${objectId(refOf(live))}`);
      onApplied?.("pruned");
    });
    // What could not be deleted is still in the cache, so the next pass finds it again.
    const failures = settled.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
    if (failures.length > 0) throw gravest(failures);
    return gone.map(refOf);
  }

  /** Destruction asks the server first, and only hits the object that was meant. */
  async #remove(
    kind: KindSpec,
    known: LiveObject,
    { namespace, resource, signal }: ApplyContext,
    propagation: "Background" | "Orphan" | "Foreground",
  ): Promise<void> {
    const { client, fieldManager } = this.#props;
    const live = await client.get(kind, namespace, known.metadata.name, { signal });
    if (
      live === undefined ||
      live.metadata.uid !== known.metadata.uid ||
      live.metadata.deletionTimestamp !== undefined
    )
      return;
    if (belongingOf(live, resource, fieldManager).kind !== "ours") return;
    await client.delete(
      kind,
      namespace,
      { name: live.metadata.name, uid: live.metadata.uid },
      { signal, propagation },
    );
  }

  /** Generated Secrets that hold keys of data follow the deletion policy as manifests do. */
  async #ownGenerated(plan: Plan, context: ApplyContext): Promise<void> {
    const { caches, client, fieldManager } = this.#props;
    const { namespace, resource, used, signal } = context;
    const owner = ownerOf(resource);
    for (const live of caches
      .store(kinds.Secret, namespace)
      ?.ofInstance(namespace, labelValue(resource.metadata.name)) ?? []) {
      if (
        !used.has(objectId(refOf(live))) ||
        !isRetained(live) ||
        live.metadata.deletionTimestamp !== undefined
      )
        continue;
      const references = live.metadata.ownerReferences ?? [];
      const isOwned = references.some(({ uid }) => uid === owner.uid);
      if (isOwned === (plan.deletionPolicy === "Delete") || (!isOwned && references.length > 0)) continue;
      const { name, uid } = live.metadata;
      const manifest = {
        apiVersion: live.apiVersion,
        kind: live.kind,
        metadata: { name, uid, ownerReferences: isOwned ? [] : [owner] },
      };
      await caches.store(kinds.Secret, namespace)?.write(namespace, name, async () => {
        const result = await client.apply(kinds.Secret, namespace, manifest, {
          fieldManager: `${fieldManager}-owner`,
          signal,
        });
        return { trimmed: caches.trim(result.object), result };
      });
    }
  }

  async #contended(kind: KindSpec, name: string, { namespace, signal }: ApplyContext): Promise<Waiting> {
    const { client, fieldManager } = this.#props;
    const live = await client.get(kind, namespace, name, { signal });
    const others = (live?.metadata.managedFields ?? []).filter(
      (entry) => entry.manager !== fieldManager && (entry.subresource ?? "") === "",
    );
    const latest = [...others].sort((a, b) => ((a.time ?? "") < (b.time ?? "") ? 1 : -1))[0];
    const fieldsOf =
      live === undefined ? [] : ownedPaths(latest?.fieldsV1 ?? ownEntry(live, fieldManager)?.fieldsV1);
    const who = latest?.manager ?? "another writer";
    return new Waiting(
      "Contended",
      `${kind.kind} "${name}" is changed again and again by ${who} (${fieldsOf.slice(0, 5).join(", ")}): stop one of the two`,
      600_000,
    );
  }

  #id(manifest: Manifest, { namespace }: ApplyContext): string {
    return `${namespace}/${objectId(refOf(manifest))}`;
  }
}

/** Of several failures the one that decides: what retries by itself before what a person must do, then waiting. */
function gravest(failures: readonly unknown[]): unknown {
  const isPatient = (error: unknown) => error instanceof Blocked || error instanceof Waiting;
  return (
    failures.find((error) => !isPatient(error)) ??
    failures.find((error) => error instanceof Blocked) ??
    failures[0]
  );
}
