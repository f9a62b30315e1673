/**
 * Asks applications what only they know, beside the line: bounded, with time limits, one answer per key.
 *
 * A changed answer wakes the key. No answer is a fact with an age, never an error of the resource.
 */
import { lookup as lookUp } from "node:dns/promises";
import * as http from "node:http";
import * as https from "node:https";
import type { LookupFunction } from "node:net";
import { type Fields, fields, stableJson } from "../json.ts";
import type { Facts, KeyValues } from "../model/io.ts";
import type { LiveObject } from "../model/manifest.ts";
import { Congestion } from "../wire/congestion.ts";
import { Queue } from "./queue.ts";

export interface ProbeIO {
  /** One GET, at most 4 MiB, within what is left of the probe's time. */
  get(
    url: string,
    options?: { readonly headers?: Readonly<Record<string, string>>; readonly ca?: string },
  ): Promise<{ readonly status: number; readonly body: string }>;
  /** Address of a Service of the resource, inside the cluster. */
  serviceUrl(name: string, port: number, scheme?: "http" | "https"): string;
  readSecret(name: string): Promise<KeyValues | undefined>;
  readonly signal: AbortSignal;
}

export interface Prober<F> {
  readonly intervalMs: number;
  /** For one whole probe. */
  readonly timeoutMs: number;
  /** @param status the present status of the resource; throw one sentence without a secret when there is no answer */
  probe(resource: LiveObject, status: Fields, io: ProbeIO): Promise<F>;
  /** Default: equal JSON. */
  equal?(a: F, b: F): boolean;
}

export interface ProberRunProps<F> {
  readonly prober: Prober<F>;
  readonly find: (key: string) => LiveObject | undefined;
  readonly readSecret: (
    namespace: string,
    name: string,
    signal: AbortSignal,
  ) => Promise<KeyValues | undefined>;
  readonly onChange: (key: string) => void;
  /** Probes under way at once. Default 4. */
  readonly atOnce?: number;
}

interface Answered<F> {
  readonly value: F;
  readonly atMs: number;
  readonly error?: string;
}

const largestBody = 4 * 1024 * 1024;

export class ProberRun<F> {
  readonly #props: ProberRunProps<F>;
  readonly #queue = new Queue<string>();
  readonly #answers = new Map<string, Answered<F>>();
  readonly #uids = new Map<string, string>();

  constructor(props: ProberRunProps<F>) {
    this.#props = props;
  }

  /** Begins to probe a key; does nothing when it is probed already. */
  follow(key: string, uid: string): void {
    if (this.#uids.get(key) === uid) return;
    this.#uids.set(key, uid);
    this.#answers.delete(key);
    this.#queue.add(key);
  }

  forget(key: string): void {
    this.#uids.delete(key);
    this.#answers.delete(key);
  }

  facts(key: string): Facts<F> | undefined {
    const answer = this.#answers.get(key);
    if (answer === undefined) return undefined;
    const { value, atMs, error } = answer;
    return { value, ageMs: performance.now() - atMs, ...(error === undefined ? {} : { error }) };
  }

  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener("abort", () => this.#queue.close(), { once: true });
    await Promise.all(Array.from({ length: this.#props.atOnce ?? 4 }, () => this.#work(signal)));
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (let taken = await this.#queue.take(); taken !== undefined; taken = await this.#queue.take()) {
      await this.#probe(taken.key, signal);
      this.#queue.done(taken.key);
      if (this.#uids.has(taken.key)) this.#queue.addAfter(taken.key, this.#props.prober.intervalMs);
    }
  }

  async #probe(key: string, stop: AbortSignal): Promise<void> {
    const { prober, find, onChange } = this.#props;
    const resource = find(key);
    if (resource === undefined || resource.metadata.deletionTimestamp !== undefined) return this.forget(key);
    const before = this.#answers.get(key);
    const signal = AbortSignal.any([stop, AbortSignal.timeout(prober.timeoutMs)]);
    try {
      const value = await abandoned(
        prober.probe(resource, fields(resource["status"]), this.#io(resource, signal)),
        signal,
      );
      this.#answers.set(key, { value, atMs: performance.now() });
      if (before === undefined || before.error !== undefined || !this.#isEqual(before.value, value))
        onChange(key);
    } catch (cause) {
      if (stop.aborted || before === undefined) return;
      const error = cause instanceof Error ? cause.message.slice(0, 300) : "no answer";
      this.#answers.set(key, { value: before.value, atMs: before.atMs, error });
      if (before.error === undefined) onChange(key);
    }
  }

  #isEqual(a: F, b: F): boolean {
    return this.#props.prober.equal?.(a, b) ?? stableJson(a) === stableJson(b);
  }

  #io({ metadata }: LiveObject, signal: AbortSignal): ProbeIO {
    const namespace = metadata.namespace ?? "";
    return {
      signal,
      get: (url, options = {}) => fetchText(url, { ...options, signal }),
      serviceUrl: (name, port, scheme = "http") => `${scheme}://${name}.${namespace}.svc:${port}`,
      readSecret: (name) => this.#props.readSecret(namespace, name, signal),
    };
  }
}

/** A probe that ignores its signal does not hold up its worker. */
async function abandoned<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return await new Promise<T>((resolve, reject) => {
    const late = () => reject(new Error("no answer in time"));
    signal.addEventListener("abort", late, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", late));
  });
}

/**
 * Nobody can cancel the lookup of a name, and while the names cannot be resolved each takes many seconds: what is asked
 * meanwhile would pile up behind it for as long. Whoever waits longer than its probe lasts goes unasked.
 */
const lookups = new Congestion({ most: 2 });

const boundedLookup =
  (signal: AbortSignal): LookupFunction =>
  (host, options, done) => {
    lookups
      .run(signal, () => lookUp(host, { ...options, all: true }))
      .then(
        (found) => {
          const [first] = found;
          if (options.all === true) done(null, found);
          else done(null, first?.address ?? "", first?.family);
        },
        (error: NodeJS.ErrnoException) => done(error, ""),
      );
  };

function fetchText(
  url: string,
  {
    headers = {},
    ca,
    signal,
  }: {
    readonly headers?: Readonly<Record<string, string>>;
    readonly ca?: string;
    readonly signal: AbortSignal;
  },
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const options = {
      headers: { accept: "application/json", ...headers },
      signal,
      lookup: boundedLookup(signal),
      ...(ca === undefined ? {} : { ca }),
    };
    const request = (url.startsWith("https:") ? https.get : http.get)(url, options, (answer) => {
      const chunks: Buffer[] = [];
      let size = 0;
      answer.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > largestBody) request.destroy(new Error(`an answer of more than ${largestBody} bytes`));
        chunks.push(chunk);
      });
      answer.on("end", () =>
        resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }),
      );
      answer.on("error", reject);
    });
    request.on("error", reject);
  });
}
