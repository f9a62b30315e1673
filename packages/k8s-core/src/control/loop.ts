/**
 * Runs one controller: events become keys, a key becomes a pass, a pass becomes a status.
 *
 * Level-triggered: a pass reads what is and remembers nothing that matters. Catches what a pass throws, and nobody
 * else does. I/O: caches, engine, reads, one status write per changed status, events.
 */
import { setImmediate as turnOfTheEventLoop } from "node:timers/promises";
import type { Logger } from "pino";
import type { ApplyEngine } from "../apply/engine.ts";
import { instanceLabel, managedByLabel, ownerOf } from "../apply/stamp.ts";
import type { Caches } from "../cache/caches.ts";
import { type Change, storeKey } from "../cache/store.ts";
import { type Fields, fields, stableJson, text } from "../json.ts";
import { type KindSpec, kindId, kinds } from "../kinds.ts";
import type { Applied } from "../model/applied.ts";
import type { ReconcileIO } from "../model/io.ts";
import { labelValue } from "../model/labels.ts";
import { type LiveObject, type ObjectId, objectId, type ObjectRef, refOf } from "../model/manifest.ts";
import type { Notice } from "../model/plan.ts";
import type { StatusClaim } from "../model/status.ts";
import type { Metrics } from "../process/metrics.ts";
import { ApiError } from "../wire/answer.ts";
import type { Client } from "../wire/client.ts";
import type { Controller } from "./controller.ts";
import type { Events } from "./events.ts";
import { type Verdict, verdictOfClaim, verdictOfError } from "./outcome.ts";
import { NotLeading } from "./leader.ts";
import { ownedKinds } from "./owned.ts";
import { ProberRun } from "./prober.ts";
import { type Lane, Queue } from "./queue.ts";
import type { Asking, Reads } from "./reads.ts";
import { fullStatus, isSameStatus, knownConditions } from "./status.ts";

export interface LoopProps<F> {
  readonly controller: Controller<F>;
  readonly client: Client;
  readonly caches: Caches;
  readonly engine: ApplyEngine;
  readonly reads: Reads;
  readonly events: Events;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** Events of children come in flocks; one pass answers all of a flock. */
const flockMs = 50;
const passLimitMs = 120_000;
const resyncMs = 36_000_000;
/** What a pass wants at a time that is over already comes after this: a renewal that fails must not spin. */
const soonestWakeMs = 60_000;

interface Written {
  readonly wanted: string;
  /** What the server made of it. */
  readonly held: string;
}

export class Loop<F = unknown> {
  readonly #props: LoopProps<F>;
  readonly #queue: Queue<string>;
  readonly #prober: ProberRun<F> | undefined;
  readonly #written = new Map<string, Written>();
  readonly #announced = new Map<string, Set<string>>();
  /** Objects of somebody else that are in the way → keys that want to know when they go. */
  readonly #blockedBy = new Map<string, Set<string>>();
  #active = 0;

  constructor(props: LoopProps<F>) {
    this.#props = props;
    const { controller, caches, metrics } = props;
    const name = this.name;
    this.#queue = new Queue({ onAdd: () => metrics.queued(name), onRetry: () => metrics.retried(name) });
    metrics.watchQueue(name, () => this.#queue.inFlightMs);
    caches.keepWhole(controller.resource);
    caches.watch(controller.resource, (change) => this.#resourceChanged(change));
    for (const kind of this.#owned()) caches.watch(kind, (change) => this.#childChanged(change));
    caches.onTrouble((kind, isSynced) => {
      if (
        isSynced &&
        (kind.kind === controller.resource.kind ||
          this.#owned().some((owned) => kindId(owned) === kindId(kind)))
      )
        this.resync();
    });
    if (controller.prober !== undefined)
      this.#prober = new ProberRun({
        prober: controller.prober,
        find: (key) => this.#find(key),
        readSecret: (namespace, secret, signal) =>
          props.reads.read(kinds.Secret, secret, { namespace, signal, asked: new Set() }),
        onChange: (key) => this.#queue.add(key, "child"),
      });
  }

  /** Label of metrics and logs. */
  get name(): string {
    return this.#props.controller.resource.kind.toLowerCase();
  }

  /** Wakes a key from outside, as when a Secret that it asked for changed. */
  wake(key: string): void {
    this.#queue.addAfter(key, flockMs, "child");
  }

  /** A Secret or ConfigMap of somebody else changed: it may be out of the way now. */
  nameChanged(live: LiveObject): void {
    this.#wakeBlocked(`${live.metadata.namespace ?? ""}/${objectId(refOf(live))}`);
  }

  /** Every resource gets a pass, when nothing more urgent is there. */
  resync(): void {
    for (const store of this.#props.caches.stores(this.#props.controller.resource))
      for (const key of store.keys()) this.#queue.add(key, "resync");
  }

  /** Passes until the signal aborts; then lets those under way end, and cuts them off when `cut` aborts. */
  async run(stop: AbortSignal, cut: AbortSignal): Promise<void> {
    const { controller } = this.#props;
    const most = controller.concurrency ?? 4;
    stop.addEventListener("abort", () => this.#queue.close(), { once: true });
    if (stop.aborted) this.#queue.close();
    this.resync();
    const resync = setInterval(() => this.resync(), resyncMs * (0.9 + Math.random() * 0.2));
    try {
      await Promise.all([
        this.#prober?.run(stop),
        ...Array.from({ length: most }, () => this.#work(cut, most)),
      ]);
    } finally {
      clearInterval(resync);
    }
  }

  #owned(): readonly KindSpec[] {
    return [...ownedKinds(this.#props.controller), kinds.Pod];
  }

  #find(key: string): LiveObject | undefined {
    const [namespace, name] = partsOf(key);
    return this.#props.caches.store(this.#props.controller.resource, namespace)?.get(namespace, name);
  }

  // Events only map to keys. Each handler below must not throw and must not wait.

  #resourceChanged({ old, new: now }: Change): void {
    const changed = now ?? old;
    if (changed === undefined) return;
    const key = storeKey(changed.metadata.namespace, changed.metadata.name);
    if (old === undefined || now === undefined)
      return this.#queue.add(key, now === undefined || this.#written.has(key) ? "spec" : laneOfNew(now));
    const isAsked =
      old.metadata.generation !== now.metadata.generation ||
      old.metadata.deletionTimestamp !== now.metadata.deletionTimestamp ||
      stableJson([old.metadata.labels, old.metadata.annotations]) !==
        stableJson([now.metadata.labels, now.metadata.annotations]);
    if (isAsked) this.#queue.add(key, "spec");
    else if (!this.#isOurStatus(key, now)) this.#queue.addAfter(key, flockMs, "child");
  }

  #isOurStatus(key: string, now: LiveObject): boolean {
    return this.#written.get(key)?.held === stableJson(now["status"]);
  }

  #childChanged(change: Change): void {
    const live = change.new ?? change.old;
    if (live === undefined) return;
    const { controller, caches } = this.#props;
    const { namespace = "", labels = {}, ownerReferences = [] } = live.metadata;
    const id = `${namespace}/${objectId(refOf(live))}`;
    this.#wakeBlocked(id);
    const owner = ownerReferences.find((one) => one.controller === true);
    const keys: string[] = [];
    if (owner?.kind === controller.resource.kind && owner.apiVersion === controller.resource.apiVersion)
      keys.push(storeKey(namespace, owner.name));
    else if (labels[managedByLabel] === controller.fieldManager) {
      const instance = labels[instanceLabel];
      const store = caches.store(controller.resource, namespace);
      if (instance !== undefined && store?.get(namespace, instance) !== undefined)
        keys.push(storeKey(namespace, instance));
      else if (instance !== undefined)
        // A name too long for a label was cut: rare, so looked for.
        for (const one of store?.values() ?? [])
          if (labelValue(one.metadata.name) === instance && one.metadata.namespace === namespace)
            keys.push(storeKey(namespace, one.metadata.name));
    }
    for (const key of keys) this.#queue.addAfter(key, change.new === undefined ? 0 : flockMs, "child");
  }

  #wakeBlocked(id: string): void {
    for (const key of this.#blockedBy.get(id) ?? []) this.#queue.add(key, "child");
    this.#blockedBy.delete(id);
  }

  async #work(cut: AbortSignal, most: number): Promise<void> {
    const { metrics } = this.#props;
    for (let taken = await this.#queue.take(); taken !== undefined; taken = await this.#queue.take()) {
      this.#active += 1;
      metrics.workers(this.name, this.#active, most);
      metrics.queue(this.name, this.#queue.depth);
      metrics.waited(this.name, taken.waitedMs);
      try {
        await this.#pass(taken.key, cut);
      } finally {
        this.#active -= 1;
        metrics.workers(this.name, this.#active, most);
        this.#queue.done(taken.key);
      }
      // A pass with nothing to send never waits: a thousand in a row would let no event in, and lose the Lease.
      await turnOfTheEventLoop();
    }
  }

  async #pass(key: string, cut: AbortSignal): Promise<void> {
    const resource = this.#find(key);
    if (resource === undefined) return this.#forget(key);
    if (resource.metadata.deletionTimestamp !== undefined) return this.#queue.forget(key);
    const { metrics, reads, log } = this.#props;
    const namespace = resource.metadata.namespace ?? "";
    const startedMs = performance.now();
    const limit = AbortSignal.timeout(passLimitMs);
    const signal = AbortSignal.any([cut, limit]);
    const asking: Asking = { namespace, signal, resource, asked: new Set<ObjectId>() };
    const pass: PassRecord = {};
    const isPaused = fields(resource["spec"])["paused"] === true;
    let claim: StatusClaim | undefined;
    let verdict: Verdict;
    try {
      if (isPaused) verdict = pausedVerdict(resource);
      else {
        claim = await this.#props.controller.reconcile(resource, this.#io(key, resource, asking, pass));
        verdict = verdictOfClaim(claim);
      }
    } catch (error) {
      if (cut.aborted) return;
      // Who does not lead any more is about to end, and the next leader does this pass: no error.
      if (error instanceof NotLeading) return void this.#queue.retry(key, 0);
      verdict = verdictOfError(error);
      this.#logFailure(key, resource, error, verdict, limit.aborted);
    }
    if (!isPaused) {
      reads.asked(this.#wakeKey(key), namespace, asking.asked, claim !== undefined);
      this.#prober?.follow(key, resource.metadata.uid);
    }
    try {
      await this.#report(key, resource, verdict, claim, pass, isPaused, cut);
      this.#schedule(key, verdict, pass);
    } catch (error) {
      if (cut.aborted) return;
      if (error instanceof NotLeading) return void this.#queue.retry(key, 0);
      const again = verdictOfError(error);
      this.#logFailure(key, resource, error, again, false);
      this.#schedule(
        key,
        again.next.kind === "event" ? { ...again, next: { kind: "back-off", atLeastMs: 0 } } : again,
        pass,
      );
    }
    const tookMs = performance.now() - startedMs;
    metrics.pass(
      this.name,
      verdict.result === "error" ? "error" : verdict.next.kind === "after" ? "requeue_after" : "success",
      tookMs,
    );
    if (verdict.result === "blocked") metrics.terminal(this.name);
    const changes = changesOf(pass.applied);
    const line = {
      ...labelsOf(key, resource),
      controller: this.name,
      reason: verdict.reason,
      durationMs: Math.round(tookMs),
      ...(changes === undefined ? {} : { changes }),
    };
    if (changes === undefined) log.debug(line, "passed");
    else log.info(line, "applied");
  }

  #io(key: string, resource: LiveObject, asking: Asking, pass: PassRecord): ReconcileIO<F> {
    const { controller, caches, engine, reads } = this.#props;
    const { namespace, signal } = asking;
    const owner = ownerOf(resource);
    return {
      signal,
      grants: controller.grants ?? {},
      now: () => Date.now(),
      wakeAt: (ms) => {
        pass.wakeAtMs = Math.min(pass.wakeAtMs ?? ms, ms);
      },
      readSecret: (name) => reads.read(kinds.Secret, name, asking),
      readConfigMap: (name) => reads.read(kinds.ConfigMap, name, asking),
      createSecret: async (secret) => {
        this.#demandPresent(key, resource);
        return await reads.create(secret, owner, asking);
      },
      replaceSecret: (secret) => reads.replace(secret, asking),
      live: (ref) => caches.live(ref, namespace),
      liveOf: (kind) => {
        const owned = controller.owns.find((candidate) => candidate.kind === kind);
        return owned === undefined ? [] : engine.ofInstance(owned, namespace, resource.metadata.name);
      },
      pods: () => engine.ofInstance(kinds.Pod, namespace, resource.metadata.name),
      facts: () => this.#prober?.facts(key),
      apply: async (plan) => {
        pass.notices = plan.notices;
        const applied = await engine.apply(plan, {
          resource,
          namespace,
          partOf: controller.partOf,
          owns: ownedKinds(controller),
          used: asking.asked,
          signal,
          onForeign: (ref) => this.#blocked(key, namespace, ref),
          present: () => this.#find(key),
        });
        pass.applied = applied;
        return applied;
      },
    };
  }

  #demandPresent(key: string, resource: LiveObject): void {
    const now = this.#find(key);
    if (now?.metadata.uid !== resource.metadata.uid || now.metadata.deletionTimestamp !== undefined)
      throw new Error("the resource is being deleted");
  }

  #blocked(key: string, namespace: string, ref: ObjectRef): void {
    const id = `${namespace}/${objectId(ref)}`;
    this.#blockedBy.set(id, (this.#blockedBy.get(id) ?? new Set()).add(key));
  }

  /** Status, if it differs; events on a transition; series. */
  async #report(
    key: string,
    resource: LiveObject,
    verdict: Verdict,
    claim: StatusClaim | undefined,
    pass: PassRecord,
    isPaused: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const { caches, client, controller, metrics } = this.#props;
    const { namespace = "", name } = resource.metadata;
    const before = this.#find(key) ?? resource;
    const wanted = fullStatus({
      resource: withStatus(resource, before["status"]),
      verdict,
      ...(claim === undefined ? {} : { claim }),
      isPaused,
      nowMs: Date.now(),
    });
    const wantedText = stableJson(wanted);
    const heldText = stableJson(before["status"]);
    const written = this.#written.get(key);
    const isHeld =
      isSameStatus(wanted, before["status"]) || (written?.wanted === wantedText && written.held === heldText);
    if (!isHeld) {
      const manifest = {
        apiVersion: resource.apiVersion,
        kind: resource.kind,
        metadata: { name, namespace },
        status: wanted,
      };
      const options = { fieldManager: controller.fieldManager, subresource: "status" as const, signal };
      try {
        await caches.store(controller.resource, namespace)?.write(namespace, name, async () => {
          const { object } = await client.apply(controller.resource, namespace, manifest, options);
          // Before the watch shows it, so that its echo wakes nobody.
          this.#written.set(key, { wanted: wantedText, held: stableJson(object["status"]) });
          return { trimmed: caches.trim(object), result: undefined };
        });
      } catch (error) {
        if (error instanceof ApiError && error.answer.kind === "absent") return;
        throw error;
      }
    } else if (written === undefined) this.#written.set(key, { wanted: wantedText, held: heldText });
    this.#announce(key, before, wanted, verdict, pass);
    metrics.resource(
      resource.kind,
      namespace,
      name,
      text(wanted["version"]) ?? "",
      verdict.result === "ready",
    );
    metrics.suspended(resource.kind, namespace, name, isPaused);
    for (const { type, status } of knownConditions(wanted["conditions"]))
      metrics.condition(resource.kind, namespace, name, type, status);
  }

  #announce(key: string, before: LiveObject, wanted: Fields, verdict: Verdict, pass: PassRecord): void {
    const { events } = this.#props;
    const old = knownConditions(fields(before["status"])["conditions"]).find(({ type }) => type === "Ready");
    const isGrave =
      verdict.result === "blocked" || verdict.result === "error" || graveReasons.includes(verdict.reason);
    if (old?.reason !== verdict.reason || (isGrave && old.message !== verdict.message))
      events.record(before, {
        type: isGrave ? "Warning" : "Normal",
        reason: verdict.reason,
        message: verdict.message,
      });
    const changes = changesOf(pass.applied);
    if (changes !== undefined && pass.applied !== undefined) {
      const named = [...pass.applied.objects.values()].filter(
        ({ outcome }) => outcome === "created" || outcome === "configured",
      );
      const parts = [
        ...named.map(({ ref, outcome }) => `${outcome} ${ref.kind} ${ref.name}`),
        ...pass.applied.pruned.map((ref) => `pruned ${ref.kind} ${ref.name}`),
      ];
      events.record(
        before,
        { type: "Normal", reason: "Applied", message: parts.join(", ") },
        { action: "Apply" },
      );
    }
    // Notices are said when something is new, so that a restart says nothing.
    const said = this.#announced.get(key) ?? new Set<string>();
    const isNews =
      changes !== undefined ||
      fields(before["status"])["observedGeneration"] !== wanted["observedGeneration"];
    for (const notice of pass.notices ?? []) {
      const id = `${notice.reason} ${notice.message}`;
      if (!said.has(id) && isNews) events.record(before, notice, { once: true });
      said.add(id);
    }
    this.#announced.set(key, said);
  }

  #schedule(key: string, { next }: Verdict, { wakeAtMs }: PassRecord): void {
    switch (next.kind) {
      case "back-off":
        this.#queue.retry(key, next.atLeastMs);
        break;
      case "after":
        this.#queue.forget(key);
        this.#queue.addAfter(key, next.ms, "resync");
        break;
      case "event":
        this.#queue.forget(key);
        break;
      default:
        next satisfies never;
    }
    // The earliest time counts. A day beyond the longest timer is reached in steps, with a pass at each.
    if (wakeAtMs !== undefined)
      this.#queue.addAfter(key, Math.max(soonestWakeMs, wakeAtMs - Date.now()), "resync");
  }

  #logFailure(key: string, resource: LiveObject, error: unknown, verdict: Verdict, isLate: boolean): void {
    const { log, metrics } = this.#props;
    const where = { ...labelsOf(key, resource), controller: this.name, reason: verdict.reason };
    if (isLate) metrics.timedOut(this.name);
    if (verdict.result !== "error") return log.warn({ ...where, message: verdict.message }, "stopped");
    if (!(error instanceof ApiError)) metrics.panic(this.name);
    log.error({ ...where, failures: this.#queue.failures(key), err: describe(error) }, "failed");
  }

  #forget(key: string): void {
    const { metrics, reads, controller } = this.#props;
    const [namespace, name] = partsOf(key);
    this.#queue.forget(key);
    this.#written.delete(key);
    this.#announced.delete(key);
    this.#prober?.forget(key);
    reads.asked(this.#wakeKey(key), namespace, new Set(), true);
    metrics.forget(controller.resource.kind, namespace, name);
  }

  /** Key under which `Reads` knows us: several controllers share it. */
  #wakeKey(key: string): string {
    return `${this.name} ${key}`;
  }
}

interface PassRecord {
  applied?: Applied;
  notices?: readonly Notice[];
  /** The earliest time at which the pass wants to be repeated. */
  wakeAtMs?: number;
}

const graveReasons: readonly string[] = [
  "Forbidden",
  "DependencyMissing",
  "SecretMissing",
  "Contended",
  "NamespaceTerminating",
];

/** After a restart the present resources are no news; a resource without status is. */
function laneOfNew(now: LiveObject): Lane {
  return fields(now["status"])["observedGeneration"] === now.metadata.generation ? "resync" : "spec";
}

function pausedVerdict(resource: LiveObject): Verdict {
  const ready = knownConditions(fields(resource["status"])["conditions"]).find(
    ({ type }) => type === "Ready",
  );
  const isReady = ready?.status === "True";
  return {
    result: isReady ? "ready" : "waiting",
    reason: isReady ? ready.reason : "Paused",
    message: isReady ? ready.message : "Paused by spec.paused: nothing is changed until it is removed",
    next: { kind: "event" },
  };
}

/** The resource that the pass read, with the status that is there now. */
function withStatus(resource: LiveObject, status: unknown): LiveObject {
  return { ...resource, status };
}

function changesOf(applied: Applied | undefined): Readonly<Record<string, number>> | undefined {
  if (applied === undefined) return undefined;
  const outcomes = [...applied.objects.values()].map(({ outcome }) => outcome);
  const created = outcomes.filter((one) => one === "created").length;
  const configured = outcomes.filter((one) => one === "configured").length;
  const pruned = applied.pruned.length;
  return created + configured + pruned === 0 ? undefined : { created, configured, pruned };
}

/** Never a body, header or value: what we tried, how it ended, where. */
function describe(error: unknown): Fields {
  if (error instanceof ApiError)
    return { what: error.what, kind: error.answer.kind, status: error.answer.status };
  if (error instanceof Error) return { name: error.name, message: error.message, stack: error.stack };
  return { message: "something that is no error was thrown" };
}

function labelsOf(
  key: string,
  resource: LiveObject,
): { namespace: string; name: string; generation: number } {
  const [namespace, name] = partsOf(key);
  return { namespace, name, generation: resource.metadata.generation ?? 0 };
}

function partsOf(key: string): readonly [string, string] {
  const slash = key.indexOf("/");
  return [key.slice(0, slash), key.slice(slash + 1)];
}
