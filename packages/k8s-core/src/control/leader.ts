/**
 * One process writes: a Lease, renewed by replace with its version, judged by our own monotonic time only.
 *
 * A process that could not renew for ten seconds has lost, whatever the Lease says, and must end. Own timers, by
 * necessity: renewal is about time.
 */
import { setTimeout as pause } from "node:timers/promises";
import { count, fields, text } from "../json.ts";
import { kinds } from "../kinds.ts";
import type { LiveObject } from "../model/manifest.ts";
import { isAnswer } from "../wire/answer.ts";
import type { Client } from "../wire/client.ts";
import { microSeconds } from "./status.ts";

export interface LeaderProps {
  readonly client: Client;
  readonly namespace: string;
  /** Name of the Lease: `<operator>-leader`. */
  readonly name: string;
  /** `<pod>_<random>`, never the same for two processes. */
  readonly identity: string;
  readonly durationSeconds?: number;
  readonly renewWithinMs?: number;
  readonly retryMs?: number;
  readonly onChange?: (isLeading: boolean) => void;
  /** A renewal or a look at the Lease failed, and is tried again. */
  readonly onFailure?: (error: unknown) => void;
}

/** A write was about to be sent by a process that does not lead (any more). */
export class NotLeading extends Error {
  override readonly name = "NotLeading";
}

export class Leader {
  readonly #props: Required<Omit<LeaderProps, "onChange" | "onFailure">> &
    Pick<LeaderProps, "onChange" | "onFailure">;
  /** When the last successful renewal was sent, monotonic. */
  #renewedMs = Number.NEGATIVE_INFINITY;
  #lease: LiveObject | undefined;
  #isReleased = false;
  #renewing: Promise<void> | undefined;

  constructor(props: LeaderProps) {
    this.#props = { durationSeconds: 15, renewWithinMs: 10_000, retryMs: 2000, ...props };
  }

  /** Right before each write. @throws NotLeading */
  fence(): void {
    if (this.#isReleased || performance.now() - this.#renewedMs >= this.#props.renewWithinMs)
      throw new NotLeading("this process does not lead");
  }

  /**
   * Returns when this process leads. Watches the Lease, so that a release is seen at once. Any other end of a Lease, its
   * deletion too, is one that its holder may not know of yet: it counts as held for as long as it would have lasted.
   * Only who never saw the Lease takes it at once when there is none, as at the first start.
   */
  async acquire(signal: AbortSignal): Promise<void> {
    const { client, namespace, name, retryMs, durationSeconds } = this.#props;
    /** As it was when it was last there. */
    let seen: LiveObject | undefined;
    let seenAtMs = performance.now();
    let lease: LiveObject | undefined;
    for (;;) {
      signal.throwIfAborted();
      let wait = retryMs * (0.8 + Math.random() * 0.4);
      try {
        lease = await client.get(kinds.Lease, namespace, name, { signal, timeoutMs: 5000 });
        if (lease !== undefined && lease.metadata.resourceVersion !== seen?.metadata.resourceVersion) {
          seen = lease;
          seenAtMs = performance.now();
        }
        const lifeMs = lifeOf(seen) ?? durationSeconds * 1000;
        const isFree = performance.now() - seenAtMs >= lifeMs;
        if (isFree && (await this.#take(lease, signal))) {
          this.#props.onChange?.(true);
          return;
        }
        if (!isFree) wait = Math.max(50, lifeMs - (performance.now() - seenAtMs) + 50);
      } catch (error) {
        if (signal.aborted) throw error;
        this.#props.onFailure?.(error);
      }
      await this.#change(lease, wait, signal);
    }
  }

  /** Renews until the signal aborts or the Lease is given back. Returns `lost` when leadership ended in another way. */
  async keep(signal: AbortSignal): Promise<"stopped" | "lost"> {
    const { retryMs, renewWithinMs } = this.#props;
    while (!signal.aborted) {
      await pause(retryMs * (0.9 + Math.random() * 0.2), undefined, { signal }).catch(() => undefined);
      if (signal.aborted || this.#isReleased) break;
      if (performance.now() - this.#renewedMs >= renewWithinMs) return this.#lost();
      try {
        this.#renewing = this.#renew(
          AbortSignal.any([
            signal,
            AbortSignal.timeout(
              Math.max(1, Math.ceil(renewWithinMs - (performance.now() - this.#renewedMs))),
            ),
          ]),
        );
        await this.#renewing;
      } catch (error) {
        if (this.#isReleased) break;
        if (error instanceof NotLeading) return this.#lost();
        if (!signal.aborted) this.#props.onFailure?.(error);
      }
    }
    return "stopped";
  }

  /** Hands over at once. After this nothing may be written. */
  async release(): Promise<void> {
    const { client, namespace, name, identity, renewWithinMs } = this.#props;
    if (this.#isReleased || performance.now() - this.#renewedMs >= renewWithinMs) return;
    this.#isReleased = true;
    // A renewal on its way makes the version that we know an old one, and the standby would wait until the Lease runs out.
    await this.#renewing?.catch(() => undefined);
    try {
      await this.#free(this.#lease);
    } catch (error) {
      if (!isAnswer(error, "conflict")) throw error;
      const now = await client.get(kinds.Lease, namespace, name, { timeoutMs: 3000 });
      if (now !== undefined && holderOf(now) === identity) await this.#free(now);
    }
    this.#props.onChange?.(false);
  }

  async #free(lease: LiveObject | undefined): Promise<void> {
    if (lease === undefined) return;
    const { client, namespace, identity } = this.#props;
    const freed = {
      ...specOf(lease),
      holderIdentity: "",
      leaseDurationSeconds: releasedSeconds,
      renewTime: microSeconds(Date.now()),
    };
    await client.update(kinds.Lease, namespace, leaseManifest(lease, freed), {
      fieldManager: identity.split("_")[0] ?? identity,
      timeoutMs: 3000,
    });
  }

  #lost(): "lost" {
    this.#isReleased = true;
    this.#props.onChange?.(false);
    return "lost";
  }

  async #take(lease: LiveObject | undefined, signal: AbortSignal): Promise<boolean> {
    const { client, namespace, name, identity, durationSeconds } = this.#props;
    const sentMs = performance.now();
    const now = microSeconds(Date.now());
    const before = specOf(lease);
    const spec = {
      holderIdentity: identity,
      leaseDurationSeconds: durationSeconds,
      acquireTime: now,
      renewTime: now,
      leaseTransitions: (count(before["leaseTransitions"]) ?? 0) + (lease === undefined ? 0 : 1),
    };
    const options = { fieldManager: name, signal, timeoutMs: 5000 };
    try {
      const { apiVersion, kind } = kinds.Lease;
      this.#lease =
        lease === undefined
          ? await client.create(
              kinds.Lease,
              namespace,
              { apiVersion, kind, metadata: { name, namespace }, spec },
              options,
            )
          : await client.update(kinds.Lease, namespace, leaseManifest(lease, spec), options);
      this.#renewedMs = sentMs;
      return true;
    } catch (error) {
      if (isAnswer(error, "alreadyExists", "conflict", "absent")) return false;
      throw error;
    }
  }

  async #renew(signal: AbortSignal): Promise<void> {
    const { client, namespace, name, identity } = this.#props;
    const lease = this.#lease;
    if (lease === undefined) throw new NotLeading("there is no Lease of ours");
    const sentMs = performance.now();
    try {
      const spec = { ...specOf(lease), renewTime: microSeconds(Date.now()) };
      this.#lease = await client.update(kinds.Lease, namespace, leaseManifest(lease, spec), {
        fieldManager: name,
        signal,
        timeoutMs: 5000,
      });
      this.#renewedMs = sentMs;
    } catch (error) {
      if (!isAnswer(error, "conflict", "absent")) throw error;
      // Somebody wrote it: ours still, or not.
      const now = await client.get(kinds.Lease, namespace, name, { signal, timeoutMs: 5000 });
      if (now === undefined ? !(await this.#take(now, signal)) : holderOf(now) !== identity)
        throw new NotLeading("another process holds the Lease");
      if (now !== undefined) this.#lease = now;
    }
  }

  /** Until the Lease changes, or the time is over. */
  async #change(seen: LiveObject | undefined, waitMs: number, signal: AbortSignal): Promise<void> {
    const { client, namespace, name } = this.#props;
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    const clock = pause(waitMs, undefined, { signal: either }).catch(() => undefined);
    const news = async (): Promise<void> => {
      const resourceVersion = seen?.metadata.resourceVersion;
      const options = {
        name,
        timeoutSeconds: 60,
        signal: either,
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
      };
      for await (const event of client.watch(kinds.Lease, namespace, options))
        if (event.type === "MODIFIED" || event.type === "DELETED" || event.type === "ADDED") return;
      await clock;
    };
    await Promise.race([clock, news().catch(() => clock)]);
    over.abort();
  }
}

/** How a leader that goes writes it: nobody holds it, and it lasts no longer. */
const releasedSeconds = 1;

/** For how many ms a Lease holds after its last change; `undefined`: it does not say. */
function lifeOf(lease: LiveObject | undefined): number | undefined {
  const seconds = count(specOf(lease)["leaseDurationSeconds"]);
  if (lease === undefined || (holderOf(lease) === "" && seconds === releasedSeconds)) return 0;
  return seconds === undefined ? undefined : seconds * 1000;
}

const holderOf = (lease: LiveObject): string => text(specOf(lease)["holderIdentity"]) ?? "";

function specOf(lease: LiveObject | undefined): Readonly<Record<string, unknown>> {
  return fields(lease?.["spec"]);
}

function leaseManifest(lease: LiveObject, spec: object) {
  const { name, namespace, resourceVersion, uid, labels, annotations } = lease.metadata;
  return {
    apiVersion: kinds.Lease.apiVersion,
    kind: kinds.Lease.kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      resourceVersion,
      uid,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec,
  };
}
