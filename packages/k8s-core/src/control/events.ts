/**
 * Events (events.k8s.io/v1): what a person reads in `kubectl describe`. One per transition, few per object; the same
 * words again are counted in the event that said them first.
 *
 * Never holds up a pass, never fails one, never quotes a Secret.
 */
import { shortHash } from "../model/labels.ts";
import type { LiveObject } from "../model/manifest.ts";
import type { Notice } from "../model/plan.ts";
import { kinds } from "../kinds.ts";
import { isAnswer } from "../wire/answer.ts";
import type { Client } from "../wire/client.ts";
import { microSeconds } from "./status.ts";

export interface EventsProps {
  readonly client: Client;
  /** `zuul-operator`. */
  readonly reporter: string;
  /** The pod's name. */
  readonly instance: string;
  readonly onFailure?: (error: unknown) => void;
}

const burst = 25;
const refillMs = 300_000;
/** The server keeps an event for an hour; what is said again after half of that is news. */
const seriesMs = 1_800_000;
const seriesKept = 500;

interface Series {
  readonly name: string;
  readonly lastMs: number;
  readonly count: number;
}

export class Events {
  readonly #props: EventsProps;
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>();
  readonly #pending = new Set<Promise<void>>();
  /** By what was said about whom, the latest last. */
  readonly #series = new Map<string, Series>();

  constructor(props: EventsProps) {
    this.#props = props;
  }

  /** @param once the same words about the same object give one event for an hour, whoever says them */
  record(
    regarding: LiveObject,
    { type, reason, message }: Notice,
    { action = "Reconcile", once = false } = {},
  ): void {
    if (!this.#mayRecord(regarding.metadata.uid)) return;
    const sent = this.#send(regarding, { type, reason, message }, action, once)
      .catch((error: unknown) => this.#props.onFailure?.(error))
      .finally(() => this.#pending.delete(sent));
    this.#pending.add(sent);
  }

  /** Until all that was recorded was sent or given up. */
  async flush(): Promise<void> {
    await Promise.allSettled(this.#pending);
  }

  forget(uid: string): void {
    this.#buckets.delete(uid);
  }

  async #send(
    regarding: LiveObject,
    { type, reason, message }: Notice,
    action: string,
    once: boolean,
  ): Promise<void> {
    const { client, reporter, instance } = this.#props;
    const { apiVersion, kind, metadata } = regarding;
    const namespace = metadata.namespace ?? "default";
    const nowMs = Date.now();
    const said = JSON.stringify([metadata.uid, type, reason, message, action]);
    if (await this.#isSaidAgain(said, namespace, nowMs)) return;
    const identity = once
      ? `${metadata.uid}${reason}${message}`
      : `${metadata.uid}${nowMs}${reason}${performance.now()}`;
    const name = `${metadata.name.slice(0, 200)}.${shortHash(identity)}${shortHash(reason)}`;
    const event = {
      apiVersion: kinds.Event.apiVersion,
      kind: kinds.Event.kind,
      metadata: { name, namespace },
      eventTime: microSeconds(nowMs),
      reportingController: reporter,
      reportingInstance: instance.slice(0, 128),
      action,
      reason: reason.slice(0, 128),
      type,
      note: message.slice(0, 1024),
      regarding: {
        apiVersion,
        kind,
        name: metadata.name,
        namespace,
        uid: metadata.uid,
        resourceVersion: metadata.resourceVersion,
      },
    };
    this.#remember(said, { name, lastMs: nowMs, count: 1 });
    await client.create(kinds.Event, namespace, event, { fieldManager: reporter, timeoutMs: 10_000 });
  }

  /** Counts in the event that is there. False when there is none (any more). */
  async #isSaidAgain(said: string, namespace: string, nowMs: number): Promise<boolean> {
    const { client, reporter } = this.#props;
    const before = this.#series.get(said);
    if (before === undefined || nowMs - before.lastMs > seriesMs) return false;
    const count = before.count + 1;
    this.#remember(said, { ...before, count, lastMs: nowMs });
    const series = { count, lastObservedTime: microSeconds(nowMs) };
    const options = { fieldManager: reporter, timeoutMs: 10_000 };
    try {
      await client.mergePatch(kinds.Event, namespace, before.name, { series }, options);
      return true;
    } catch (error) {
      if (isAnswer(error, "absent")) return false;
      throw error;
    }
  }

  #remember(said: string, series: Series): void {
    this.#series.delete(said);
    this.#series.set(said, series);
    for (const oldest of this.#series.keys()) {
      if (this.#series.size <= seriesKept) return;
      this.#series.delete(oldest);
    }
  }

  #mayRecord(uid: string): boolean {
    const nowMs = performance.now();
    const bucket = this.#buckets.get(uid) ?? { tokens: burst, atMs: nowMs };
    const refilled = Math.floor((nowMs - bucket.atMs) / refillMs);
    const tokens = Math.min(burst, bucket.tokens + refilled);
    if (tokens < 1) return false;
    this.#buckets.set(uid, { tokens: tokens - 1, atMs: refilled > 0 ? nowMs : bucket.atMs });
    return true;
  }
}
