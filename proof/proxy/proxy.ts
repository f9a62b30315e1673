/**
 * Between one operator and the API server: TLS in, TLS out, HTTP/2 on both sides. Keeps a record of every call, and
 * hands the call or the watch that a plan names to the plan's fault. Knows no scenario.
 */
import * as http2 from "node:http2";
import type { Answer, Connection, Exchange, Fault, WatchLine } from "../faults/fault.ts";
import { type Call, callOf, writing } from "./call.ts";
import type { Identity } from "./certificate.ts";
import { openRelay } from "./relay.ts";

export interface ProxyProps {
  readonly identity: Identity;
  readonly upstream: { readonly url: string; readonly ca: string };
  /** SIGKILL and the start of a new process; resolves when the old one is gone. */
  readonly kill: () => Promise<void>;
}

/** One call as it went. */
export interface Seen {
  readonly call: Call;
  /** Counted per key since the record began, from 1. */
  readonly ordinal: number;
  /** Of the server; 0 when it never saw the call. */
  status: number;
  /** The server's answer to a write, whole. */
  object?: unknown;
  /** The fault that it met. */
  fault?: string;
  readonly atMs: number;
}

/** What a plan asks for: this fault, at this call. */
export interface Aim {
  readonly fault: Fault;
  readonly key: string;
  readonly ordinal: number;
}

export interface Proxy extends Disposable {
  readonly url: string;
  /** Begins a new record about this resource, with at most one fault to come. */
  begin(resource: string, aim?: Aim): void;
  readonly seen: readonly Seen[];
  /** Watches that stood when the record began, and how many events each has brought since. */
  readonly heard: ReadonlyMap<string, number>;
  /** Whether the fault has happened. */
  readonly hasStruck: boolean;
  /** Milliseconds since the last call other than a watch or about a Lease; those under way count as now. */
  readonly quietMs: number;
}

export async function openProxy({ identity, upstream, kill }: ProxyProps): Promise<Proxy> {
  let seen: Seen[] = [];
  let ordinals = new Map<string, number>();
  let heard = new Map<string, number>();
  let resource = "";
  let aim: Aim | undefined;
  let strikes = 0;
  let busy = 0;
  let lastMs = performance.now();
  let outward: http2.ClientHttp2Session | undefined;
  const sessions = new Set<http2.ServerHttp2Session>();

  const out = (): http2.ClientHttp2Session => {
    if (outward !== undefined && !outward.closed && !outward.destroyed) return outward;
    // As wide as the operator's own: what it can take, the proxy must not hold up.
    const opened = http2.connect(upstream.url, { ca: upstream.ca, settings: { initialWindowSize: 2 ** 22 } });
    opened.once("connect", () => opened.setLocalWindowSize(2 ** 30));
    opened.on("error", () => opened.destroy());
    opened.setMaxListeners(0);
    outward = opened;
    return opened;
  };

  const record = (call: Call): Seen => {
    const ordinal = (ordinals.get(call.key) ?? 0) + 1;
    ordinals.set(call.key, ordinal);
    const one: Seen = { call, ordinal, status: 0, atMs: performance.now() };
    seen.push(one);
    return one;
  };

  /** The fault for this call, if it is the one that is meant. */
  const strike = (call: Call, ordinal: number): Fault | undefined => {
    if (aim === undefined || aim.key !== call.key || ordinal < aim.ordinal) return undefined;
    if (strikes >= (aim.fault.times ?? 1)) return undefined;
    strikes += 1;
    return aim.fault;
  };

  const connectionOf = (session: http2.Http2Session): Connection => ({
    reset: () => {
      session.socket.destroy();
      session.destroy();
    },
    goaway: () => session.goaway(),
    freeze: () => relay.freeze(session.socket.remotePort ?? 0),
  });

  const handle = async (
    stream: http2.ServerHttp2Stream,
    headers: http2.IncomingHttpHeaders,
  ): Promise<void> => {
    const { session } = stream;
    if (session === undefined) return;
    const body = await bodyOf(stream);
    const path = headers[":path"] ?? "/";
    const call = callOf(
      {
        method: headers[":method"] ?? "GET",
        path,
        accept: headers.accept ?? "",
        contentType: headers["content-type"] ?? "",
        body: body.toString("utf8"),
      },
      resource,
    );
    const one = record(call);
    const { ":authority": _authority, host: _host, ...sent } = headers;
    const connection = connectionOf(session);
    if (call.verb === "watch") return watch(stream, sent, call, one, connection);
    const isLease = call.plural === "leases";
    if (!isLease) {
      busy += 1;
      lastMs = performance.now();
    }
    const reply = (answer: Answer): void => {
      if (stream.destroyed || stream.closed) return;
      stream.respond({ ":status": answer.status, ...answer.headers });
      stream.end(answer.body);
    };
    const forward = async (): Promise<Answer> => {
      const answer = await ask(out(), sent, body);
      one.status = answer.status;
      if (writing.has(call.verb) && !isLease) one.object = jsonOf(answer.body);
      return answer;
    };
    const drop = (): void => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
    try {
      const fault = strike(call, one.ordinal);
      if (fault?.request === undefined) reply(await forward());
      else {
        one.fault = fault.name;
        const exchange: Exchange = { call, forward, reply, drop, kill, connection };
        await fault.request(exchange);
      }
    } catch {
      drop();
    } finally {
      if (!isLease) {
        busy -= 1;
        lastMs = performance.now();
      }
    }
  };

  const watch = (
    stream: http2.ServerHttp2Stream,
    sent: http2.OutgoingHttpHeaders,
    call: Call,
    one: Seen,
    connection: Connection,
  ): void => {
    const server = out().request(sent, { endStream: true });
    stream.on("close", () => server.close(http2.constants.NGHTTP2_CANCEL));
    server.on("error", () => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR));
    server.on("response", (received) => {
      one.status = Number(received[":status"] ?? 0);
      if (stream.destroyed || stream.closed) return;
      stream.respond({ ":status": one.status, ...plainHeaders(received) });
    });
    const send = (bytes: Buffer): void => {
      if (!stream.destroyed && !stream.writableEnded) stream.write(bytes);
    };
    let held: Buffer[] | undefined;
    const pass = (line: Buffer): void => {
      if (held !== undefined) held.push(line);
      else send(line);
    };
    const aimedAt = (line: Buffer): WatchLine => ({
      call,
      line,
      send,
      end: () => {
        server.close(http2.constants.NGHTTP2_CANCEL);
        if (!stream.destroyed) stream.end();
      },
      drop: () => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR),
      kill,
      hold: (ms) => {
        held = [line];
        setTimeout(() => {
          const kept = held ?? [];
          held = undefined;
          for (const line of kept) send(line);
        }, ms);
      },
      connection,
    });
    let rest: Buffer = Buffer.alloc(0);
    server.on("data", (chunk: Buffer) => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
        const line = rest.subarray(0, end + 1);
        rest = rest.subarray(end + 1);
        // Present objects at the start of a watch are no news; a scenario begins with watches that stand.
        const isNews = one.atMs < beganMs && !line.includes('"type":"BOOKMARK"');
        if (isNews) heard.set(call.key, (heard.get(call.key) ?? 0) + 1);
        const fault = isNews ? strike(call, 1) : undefined;
        if (fault?.line === undefined) {
          pass(line);
          continue;
        }
        one.fault = fault.name;
        void fault.line(aimedAt(line)).catch(() => stream.close());
      }
    });
    server.on("end", () => {
      if (!stream.destroyed) stream.end();
    });
    server.end();
  };
  let beganMs = performance.now();

  const inward = http2.createSecureServer({
    key: identity.key,
    cert: identity.certificate,
    settings: { maxConcurrentStreams: 250 },
  });
  inward.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => session.destroy());
    session.on("close", () => sessions.delete(session));
  });
  inward.on("stream", (stream, headers) => {
    stream.on("error", () => undefined);
    void handle(stream, headers).catch(() => stream.close());
  });
  inward.on("sessionError", () => undefined);
  const relay = await openRelay(inward);

  return {
    url: `https://127.0.0.1:${relay.port}`,
    begin: (name, next) => {
      [seen, ordinals, heard, resource, aim, strikes] = [[], new Map(), new Map(), name, next, 0];
      beganMs = performance.now();
    },
    get seen() {
      return seen;
    },
    get heard() {
      return heard;
    },
    get hasStruck() {
      return strikes > 0;
    },
    get quietMs() {
      return busy > 0 ? 0 : performance.now() - lastMs;
    },
    [Symbol.dispose]() {
      for (const session of sessions) session.destroy();
      outward?.destroy();
      // Not awaited: a connection that a fault froze has nobody on the other side who would end it.
      relay.close();
      inward.close();
    },
  };
}

function ask(
  session: http2.ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders,
  body: Buffer,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers, { endStream: body.length === 0 });
    const chunks: Buffer[] = [];
    let status = 0;
    let received: Record<string, string> = {};
    stream.on("response", (answer) => {
      status = Number(answer[":status"] ?? 0);
      received = plainHeaders(answer);
    });
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => resolve({ status, headers: received, body: Buffer.concat(chunks) }));
    stream.on("error", reject);
    stream.on("close", () => reject(new Error("no answer of the server")));
    if (body.length > 0) stream.end(body);
  });
}

function plainHeaders(headers: http2.IncomingHttpHeaders): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (!name.startsWith(":") && typeof value === "string" && name !== "content-length") plain[name] = value;
  return plain;
}

async function bodyOf(stream: http2.ServerHttp2Stream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
