/**
 * Events (events.k8s.io/v1): what a person reads in `kubectl describe`. One per transition, few per object.
 *
 * Never holds up a pass, never fails one, never quotes a Secret.
 */
import { shortHash } from "../model/labels.ts";
import type { LiveObject } from "../model/manifest.ts";
import type { Notice } from "../model/plan.ts";
import { kinds } from "../kinds.ts";
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

export class Events {
  readonly #props: EventsProps;
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>();
  readonly #pending = new Set<Promise<void>>();

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
    const identity = once
      ? `${metadata.uid}${reason}${message}`
      : `${metadata.uid}${nowMs}${reason}${performance.now()}`;
    const event = {
      apiVersion: kinds.Event.apiVersion,
      kind: kinds.Event.kind,
      metadata: {
        name: `${metadata.name.slice(0, 200)}.${shortHash(identity)}${shortHash(reason)}`,
        namespace,
      },
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
    await client.create(kinds.Event, namespace, event, { fieldManager: reporter, timeoutMs: 10_000 });
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
