/**
 * The verbs of the Kubernetes API on raw JSON: no field is ever dropped, no name reaches a wrong URL.
 *
 * Retries what is safe to repeat and short; everything longer is the caller's back-off. Knows no cache.
 */
import { setTimeout as pause } from "node:timers/promises";
import { fields, list, liveObject, text } from "../json.ts";
import { type KindSpec, resourceName } from "../kinds.ts";
import type { LiveObject, Manifest } from "../model/manifest.ts";
import { type Answer, answerOf, ApiError, isAnswer } from "./answer.ts";
import { pauseMs } from "./backoff.ts";
import { Congestion } from "./congestion.ts";
import { collectionPath, labelSelector, objectPath } from "./path.ts";
import type { Server } from "./server.ts";
import { NotSent, type Transport, type WireAnswer, type WireRequest } from "./transport.ts";

export interface ClientProps {
  readonly transport: Transport;
  readonly server: Server;
  /** `zuul-operator/1.0.0 (controller)`: what the audit log records. */
  readonly userAgent: string;
  /** Called once per answer; for metrics. `code` is 0 when there was none. */
  readonly onAnswer?: (method: string, code: number, seconds: number) => void;
  /** 299 warnings of the server: deprecations, pod security. */
  readonly onWarning?: (what: string, warning: string) => void;
  /** Runs right before each write is sent, and throws when this process may not write (any more). */
  readonly fence?: () => void;
  /** Requests under way at once, watches aside. Default: one of its own for this client and all made from it. */
  readonly congestion?: Congestion;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Default 30 s, 35 s for writes, as webhooks may take 30. */
  readonly timeoutMs?: number;
}

export interface WriteOptions extends CallOptions {
  readonly fieldManager: string;
  /** Runs admission and defaulting, stores nothing. */
  readonly dryRun?: boolean;
}

export interface ApplyOptions extends WriteOptions {
  /** Default true: fields that we send are ours. */
  readonly force?: boolean;
}

export interface Selection extends CallOptions {
  readonly labels?: Readonly<Record<string, string>>;
  /** `metadata.name`: watches one object with the right to that name only. */
  readonly name?: string;
  /** Only metadata; no value ever enters memory. */
  readonly metadataOnly?: boolean;
}

export interface WatchOptions extends Selection {
  /** Absent: the present objects come first, then a bookmark marked `initial-events-end`. */
  readonly resourceVersion?: string;
  readonly timeoutSeconds: number;
}

/** One line of a watch. `ERROR` carries the answer; `SYNCED` says that all present objects were sent. */
export type WatchEvent =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: LiveObject }
  | { readonly type: "BOOKMARK" | "SYNCED"; readonly resourceVersion: string }
  | { readonly type: "ERROR"; readonly answer: Answer }
  | { readonly type: "BROKEN" };

const pageSize = "500";

export class Client {
  readonly #props: ClientProps & { readonly congestion: Congestion };

  constructor(props: ClientProps) {
    this.#props = { ...props, congestion: props.congestion ?? new Congestion() };
  }

  /** The same connection under another name in the audit log, or with a fence before each write. */
  as(changed: Partial<Pick<ClientProps, "userAgent" | "fence" | "congestion">>): Client {
    return new Client({ ...this.#props, ...changed });
  }

  close(): void {
    this.#props.transport.close();
  }

  /** `undefined` when there is no such object. @throws ApiError `notServed` when there is no such kind */
  async get(
    kind: KindSpec,
    namespace: string | undefined,
    name: string,
    options: CallOptions = {},
  ): Promise<LiveObject | undefined> {
    try {
      return liveObject(
        await this.#read(`get ${named(kind, name)}`, objectPath(kind, namespace, name), options),
        kind,
      );
    } catch (error) {
      if (isAnswer(error, "absent")) return undefined;
      throw error;
    }
  }

  /** All objects, page by page, with the version to watch from. Starts over when a page has become too old. */
  async list(
    kind: KindSpec,
    namespace: string | undefined,
    options: Selection = {},
  ): Promise<{ items: readonly LiveObject[]; resourceVersion: string }> {
    const items: LiveObject[] = [];
    let next = "";
    for (;;) {
      const query = selectionQuery(options);
      query.set("limit", pageSize);
      if (next !== "") query.set("continue", next);
      let page: unknown;
      try {
        page = await this.#read(
          `list ${resourceName(kind)}`,
          `${collectionPath(kind, namespace)}?${query}`,
          options,
          accept(options, "List"),
        );
      } catch (error) {
        if (next === "" || !isAnswer(error, "expired")) throw error;
        next = "";
        items.length = 0;
        continue;
      }
      for (const item of list(fields(page)["items"])) items.push(liveObject(item, kind));
      const metadata = fields(fields(page)["metadata"]);
      next = text(metadata["continue"]) ?? "";
      if (next === "") return { items, resourceVersion: text(metadata["resourceVersion"]) ?? "" };
    }
  }

  /** One watch until the server ends it. @throws ApiError when it does not begin; later errors are events */
  async *watch(
    kind: KindSpec,
    namespace: string | undefined,
    options: WatchOptions,
  ): AsyncGenerator<WatchEvent, void, undefined> {
    const query = selectionQuery(options);
    query.set("watch", "1");
    query.set("allowWatchBookmarks", "true");
    query.set("timeoutSeconds", String(options.timeoutSeconds));
    if (options.resourceVersion === undefined) {
      query.set("sendInitialEvents", "true");
      query.set("resourceVersionMatch", "NotOlderThan");
    } else query.set("resourceVersion", options.resourceVersion);
    const what = `watch ${resourceName(kind)}`;
    const path = `${collectionPath(kind, namespace)}?${query}`;
    const signal = options.signal ?? new AbortController().signal;
    const answer = await this.#sendAuthorized(what, {
      method: "GET",
      path,
      headers: { accept: accept(options, "") },
      signal,
    });
    if (answer.status >= 300)
      throw new ApiError(what, answerOf(answer.status, answer.headers, await bodyOf(answer)));
    for await (const line of lines(answer.body)) yield watchEvent(line, kind);
  }

  /** Server-side apply of a whole manifest, or of `status` when `subresource` says so. Creates when absent. */
  async apply(
    kind: KindSpec,
    namespace: string | undefined,
    manifest: Manifest,
    options: ApplyOptions & { readonly subresource?: "status" },
  ): Promise<{ readonly object: LiveObject; readonly isCreated: boolean }> {
    const query = writeQuery(options);
    query.set("force", String(options.force ?? true));
    const path = `${objectPath(kind, namespace, manifest.metadata.name, options.subresource)}?${query}`;
    const { status, value } = await this.#write(
      `apply ${named(kind, manifest.metadata.name)}`,
      "PATCH",
      path,
      manifest,
      options,
      {
        contentType: "application/apply-patch+yaml",
        isRepeatable: true,
      },
    );
    return { object: liveObject(value, kind), isCreated: status === 201 };
  }

  /** @throws ApiError `alreadyExists`: then read what is there */
  async create(
    kind: KindSpec,
    namespace: string | undefined,
    manifest: Manifest | { readonly [member: string]: unknown },
    options: WriteOptions,
  ): Promise<LiveObject> {
    const path = `${collectionPath(kind, namespace)}?${writeQuery(options)}`;
    const { value } = await this.#write(`create ${kind.kind}`, "POST", path, manifest, options, {
      contentType: "application/json",
      isRepeatable: options.dryRun === true,
    });
    return liveObject(value, kind);
  }

  /** Replaces the object that has this resourceVersion. @throws ApiError `conflict` when it has another by now */
  async update(
    kind: KindSpec,
    namespace: string | undefined,
    object: Manifest,
    options: WriteOptions,
  ): Promise<LiveObject> {
    const path = `${objectPath(kind, namespace, object.metadata.name)}?${writeQuery(options)}`;
    const { value } = await this.#write(
      `update ${named(kind, object.metadata.name)}`,
      "PUT",
      path,
      object,
      options,
      {
        contentType: "application/json",
        isRepeatable: false,
      },
    );
    return liveObject(value, kind);
  }

  /** Put `metadata.resourceVersion` into the patch to make it fail on a newer object. */
  async mergePatch(
    kind: KindSpec,
    namespace: string | undefined,
    name: string,
    patch: object,
    options: WriteOptions,
  ): Promise<LiveObject> {
    return await this.#patch(kind, namespace, name, patch, options, "application/merge-patch+json");
  }

  /** RFC 6902 operations. Begin with a `replace` of `/metadata/resourceVersion`. */
  async jsonPatch(
    kind: KindSpec,
    namespace: string | undefined,
    name: string,
    operations: readonly object[],
    options: WriteOptions,
  ): Promise<LiveObject> {
    return await this.#patch(kind, namespace, name, operations, options, "application/json-patch+json");
  }

  /** Deletes exactly the object with this uid; one that is gone already is no error. */
  async delete(
    kind: KindSpec,
    namespace: string | undefined,
    { name, uid }: { readonly name: string; readonly uid: string },
    options: CallOptions & {
      readonly dryRun?: boolean;
      readonly propagation?: "Background" | "Orphan" | "Foreground";
    } = {},
  ): Promise<void> {
    if (uid === "") throw new Error(`delete ${named(kind, name)} without uid`);
    const body = {
      apiVersion: "v1",
      kind: "DeleteOptions",
      propagationPolicy: options.propagation ?? "Background",
      preconditions: { uid },
      ...(options.dryRun === true ? { dryRun: ["All"] } : {}),
    };
    try {
      await this.#write(
        `delete ${named(kind, name)}`,
        "DELETE",
        objectPath(kind, namespace, name),
        body,
        options,
        {
          contentType: "application/json",
          isRepeatable: true,
        },
      );
    } catch (error) {
      if (!isAnswer(error, "absent")) throw error;
    }
  }

  /** Anything else that is read: `/version`, `/apis`, logs of a pod. Path as given, so never with names of users in it. */
  async read(path: string, options: CallOptions & { readonly accept?: string } = {}): Promise<string> {
    const answer = await this.#exchange(
      `get ${path.split("?")[0] ?? ""}`,
      { method: "GET", path },
      options,
      options.accept ?? "application/json",
      true,
    );
    return answer.body;
  }

  async #patch(
    kind: KindSpec,
    namespace: string | undefined,
    name: string,
    patch: object,
    options: WriteOptions,
    contentType: string,
  ): Promise<LiveObject> {
    const path = `${objectPath(kind, namespace, name)}?${writeQuery(options)}`;
    const { value } = await this.#write(`patch ${named(kind, name)}`, "PATCH", path, patch, options, {
      contentType,
      isRepeatable: false,
    });
    return liveObject(value, kind);
  }

  async #read(
    what: string,
    path: string,
    options: CallOptions,
    accepted = "application/json",
  ): Promise<unknown> {
    const { body } = await this.#exchange(what, { method: "GET", path }, options, accepted, true);
    return jsonOf(what, body);
  }

  async #write(
    what: string,
    method: "POST" | "PUT" | "PATCH" | "DELETE",
    path: string,
    body: unknown,
    options: CallOptions,
    { contentType, isRepeatable }: { readonly contentType: string; readonly isRepeatable: boolean },
  ): Promise<{ status: number; value: unknown }> {
    const request = { method, path, body: JSON.stringify(body), contentType };
    const answer = await this.#exchange(
      what,
      request,
      { timeoutMs: 35_000, ...options },
      "application/json",
      isRepeatable,
    );
    return { status: answer.status, value: jsonOf(what, answer.body) };
  }

  /** At most three tries, only for what may be repeated; an overloaded server is left alone as long as it asks. */
  async #exchange(
    what: string,
    {
      method,
      path,
      body,
      contentType,
    }: { method: WireRequest["method"]; path: string; body?: string; contentType?: string },
    { signal, timeoutMs = 30_000 }: CallOptions,
    accepted: string,
    isRepeatable: boolean,
  ): Promise<{ status: number; body: string }> {
    const headers = {
      accept: accepted,
      ...(contentType === undefined ? {} : { "content-type": contentType }),
    };
    for (let attempt = 0; ; attempt += 1) {
      const limit = AbortSignal.timeout(timeoutMs);
      const request = {
        method,
        path,
        headers,
        ...(body === undefined ? {} : { body }),
        signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
      };
      let failure: ApiError;
      try {
        const { answer, received } = await this.#props.congestion.run(request.signal, async () => {
          if (method !== "GET") this.#props.fence?.();
          const first = await this.#sendAuthorized(what, request);
          return { answer: first, received: await bodyOf(first) };
        });
        if (answer.status < 300) return { status: answer.status, body: received };
        if (answer.status === 429) this.#props.congestion.refused();
        failure = new ApiError(what, answerOf(answer.status, answer.headers, received));
      } catch (cause) {
        if (signal?.aborted === true || !isNetwork(cause)) throw cause;
        failure = new ApiError(
          what,
          {
            kind: "network",
            status: 0,
            message: String(cause instanceof Error ? cause.message : cause),
            causes: [],
          },
          { cause },
        );
      }
      const { kind, retryAfterMs = 0 } = failure.answer;
      const mayRepeat =
        kind === "overloaded" || (isRepeatable && (kind === "transient" || kind === "network"));
      if (!mayRepeat || attempt >= 2 || retryAfterMs > 10_000) throw failure;
      await pause(
        retryAfterMs + pauseMs(attempt, { firstMs: 200, capMs: 30_000 }),
        undefined,
        signal === undefined ? {} : { signal },
      );
    }
  }

  /** Sends with credentials. A 401 re-reads them once; a request that never left is sent again. */
  async #sendAuthorized(what: string, request: WireRequest): Promise<WireAnswer> {
    const { transport, server, userAgent, onAnswer, onWarning } = this.#props;
    let isStale = false;
    for (let attempt = 0; ; attempt += 1) {
      const authorization = await server.authorization(isStale);
      const headers = {
        ...request.headers,
        "user-agent": userAgent,
        ...(authorization === undefined ? {} : { authorization }),
      };
      const startedMs = performance.now();
      let answer: WireAnswer;
      try {
        answer = await transport.send({ ...request, headers });
      } catch (error) {
        onAnswer?.(request.method, 0, (performance.now() - startedMs) / 1000);
        if (error instanceof NotSent && attempt < 3 && !request.signal.aborted) {
          await pause(pauseMs(attempt, { firstMs: 20, capMs: 1000 }), undefined, { signal: request.signal });
          continue;
        }
        throw error;
      }
      onAnswer?.(request.method, answer.status, (performance.now() - startedMs) / 1000);
      const warning = answer.headers["warning"];
      if (warning !== undefined) onWarning?.(what, warning);
      if (answer.status !== 401 || isStale) return answer;
      answer.body.resume();
      isStale = true;
    }
  }
}

/** What was spoilt on the way is no answer. No cause: the parser's words quote the text, a Secret's too. */
function jsonOf(what: string, body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new ApiError(what, {
      kind: "network",
      status: 0,
      message: "an answer that is no JSON",
      causes: [],
    });
  }
}

function named(kind: KindSpec, name: string): string {
  return `${kind.kind} "${name}"`;
}

function writeQuery({ fieldManager, dryRun }: WriteOptions): URLSearchParams {
  const query = new URLSearchParams({ fieldManager, fieldValidation: "Strict" });
  if (dryRun === true) query.set("dryRun", "All");
  return query;
}

function selectionQuery({ labels, name }: Selection): URLSearchParams {
  const query = new URLSearchParams();
  if (labels !== undefined) query.set("labelSelector", labelSelector(labels));
  if (name !== undefined) query.set("fieldSelector", `metadata.name=${name}`);
  return query;
}

function accept({ metadataOnly }: Selection, suffix: "List" | ""): string {
  return metadataOnly === true
    ? `application/json;as=PartialObjectMetadata${suffix};g=meta.k8s.io;v=v1`
    : "application/json";
}

/** Everything that is not an answer of ours or a decision of ours came from the network. */
function isNetwork(error: unknown): boolean {
  if (error instanceof NotSent) return true;
  if (!(error instanceof Error)) return false;
  return (
    error.name === "AbortError" ||
    error.name === "TimeoutError" ||
    "code" in error ||
    error.message === "the stream ended without an answer"
  );
}

async function bodyOf({ body }: WireAnswer): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk instanceof Buffer ? chunk : Buffer.from(String(chunk)));
  return Buffer.concat(chunks).toString("utf8");
}

/** Splits at line feeds on bytes, so that a character cut in two by the network stays whole. */
export async function* lines(body: AsyncIterable<unknown>): AsyncGenerator<string, void, undefined> {
  let open: Buffer[] = [];
  for await (const chunk of body) {
    let rest = chunk instanceof Buffer ? chunk : Buffer.from(String(chunk));
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      open.push(rest.subarray(0, end));
      const line = Buffer.concat(open).toString("utf8");
      open = [];
      rest = rest.subarray(end + 1);
      if (line.trim() !== "") yield line;
    }
    if (rest.length > 0) open.push(rest);
  }
}

function watchEvent(line: string, kind: KindSpec): WatchEvent {
  let event: Record<string, unknown>;
  try {
    event = { ...fields(JSON.parse(line)) };
  } catch {
    return { type: "BROKEN" };
  }
  const metadata = fields(fields(event["object"])["metadata"]);
  switch (event["type"]) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
      return { type: event["type"], object: liveObject(event["object"], kind) };
    case "BOOKMARK": {
      const isSynced = fields(metadata["annotations"])["k8s.io/initial-events-end"] === "true";
      return {
        type: isSynced ? "SYNCED" : "BOOKMARK",
        resourceVersion: text(metadata["resourceVersion"]) ?? "",
      };
    }
    case "ERROR": {
      const code = fields(event["object"])["code"];
      return {
        type: "ERROR",
        answer: answerOf(typeof code === "number" ? code : 500, {}, JSON.stringify(event["object"])),
      };
    }
    default:
      return { type: "BROKEN" };
  }
}
