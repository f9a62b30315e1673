/**
 * Requests out, answers in, over HTTP/2 with few shared connections. Knows no Kubernetes.
 *
 * Holds connections: PING on silence, a new connection after GOAWAY while old streams finish, HTTP/1.1 when the
 * server (or a proxy in front of it) does not speak HTTP/2.
 */
import * as http from "node:http";
import * as http2 from "node:http2";
import * as https from "node:https";
import { connect as connectTcp } from "node:net";
import { PassThrough, pipeline, type Readable } from "node:stream";
import * as tls from "node:tls";
import type { Server } from "./server.ts";

export interface WireRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path with query, as built by `path.ts`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Readable;
}

/** The seam for recorded traffic: everything above speaks through this. */
export interface Transport {
  send(request: WireRequest): Promise<WireAnswer>;
  close(): void;
}

/** The request never left, so that sending it again is safe whatever it is. */
export class NotSent extends Error {
  override readonly name = "NotSent";
}

const connectTimeoutMs = 10_000;
const silenceMs = 30_000;
const pingTimeoutMs = 15_000;
/** A request given up sooner says nothing about the connection. */
const doubtMs = 2000;
/**
 * What may be on its way to us before it is read: of one stream, and of all together, as in client-go
 * (golang.org/x/net/http2). With the default of 64 kB for both, a burst of events takes many round trips; the server
 * ends a watch that keeps it waiting, and beside a thousand resources such watches never caught up.
 */
const streamWindowBytes = 4 * 2 ** 20;
const sessionWindowBytes = 2 ** 30;
/** The API server allows 100; watches live long, so room is left for requests. */
const maxStreams = 60;

/** Connects on the first request; `close` destroys everything, running streams included. */
export function openTransport(server: Server): Transport {
  const url = new URL(server.url);
  if (url.protocol === "http:") return plainTransport(url, new http.Agent({ keepAlive: true }), http.request);
  return new Http2Transport(server, url);
}

interface Session {
  readonly session: http2.ClientHttp2Session;
  readonly socket: tls.TLSSocket;
  streams: number;
  bytesHeard: number;
  lastHeardMs: number;
}

class Http2Transport implements Transport {
  readonly #server: Server;
  readonly #url: URL;
  readonly #sessions = new Set<Session>();
  #opening: Promise<Session | Transport> | undefined;
  #fallback: Transport | undefined;
  #isClosed = false;
  readonly #heartbeat: NodeJS.Timeout;

  constructor(server: Server, url: URL) {
    this.#server = server;
    this.#url = url;
    this.#heartbeat = setInterval(() => this.#listen(), silenceMs / 2);
    this.#heartbeat.unref();
  }

  async send(request: WireRequest): Promise<WireAnswer> {
    request.signal.throwIfAborted();
    if (this.#fallback !== undefined) return await this.#fallback.send(request);
    const found = await this.#usable();
    if (!("session" in found)) return await found.send(request);
    return await this.#exchange(found, request);
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#heartbeat);
    this.#fallback?.close();
    for (const one of this.#sessions) giveUp(one);
  }

  async #usable(): Promise<Session | Transport> {
    // `closed` and not `destroyed`: a connection after GOAWAY is closed for new streams while old ones go on.
    for (const one of this.#sessions)
      if (!one.session.closed && !one.session.destroyed && one.streams < maxStreams) return one;
    if (this.#isClosed) throw new NotSent("the connection was closed");
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return await this.#opening;
  }

  async #open(): Promise<Session | Transport> {
    const socket = await secureSocket(this.#server, this.#url);
    if (socket.alpnProtocol !== "h2") {
      socket.destroy();
      const material = await this.#server.tls();
      const agent = new https.Agent({ keepAlive: true, maxSockets: 64, ...material });
      this.#fallback = plainTransport(this.#url, agent, https.request);
      return this.#fallback;
    }
    const session = http2.connect(this.#url.origin, {
      createConnection: () => socket,
      settings: { enablePush: false, initialWindowSize: streamWindowBytes },
    });
    session.once("connect", () => session.setLocalWindowSize(sessionWindowBytes));
    const opened: Session = { session, socket, streams: 0, bytesHeard: 0, lastHeardMs: performance.now() };
    session.setMaxListeners(0);
    session.on("error", () => session.destroy());
    session.on("close", () => this.#sessions.delete(opened));
    session.on("goaway", () => session.close());
    this.#sessions.add(opened);
    return opened;
  }

  /** A half-open connection is silent: ask it, and give it up when it does not answer. */
  #listen(): void {
    for (const one of this.#sessions) {
      if (one.socket.bytesRead !== one.bytesHeard) {
        one.bytesHeard = one.socket.bytesRead;
        one.lastHeardMs = performance.now();
      }
      if (performance.now() - one.lastHeardMs >= silenceMs && one.streams > 0) this.#ask(one);
    }
  }

  #ask(one: Session): void {
    if (one.session.destroyed) return;
    const late = setTimeout(() => giveUp(one), pingTimeoutMs);
    late.unref();
    one.session.ping((error) => {
      clearTimeout(late);
      if (error === null) one.lastHeardMs = performance.now();
      else giveUp(one);
    });
  }

  /** Nothing at all was heard while a request waited in vain: the next one dials anew, and this one has to answer PING. */
  #doubt(one: Session): void {
    one.session.close();
    this.#ask(one);
  }

  #exchange(on: Session, { method, path, headers, body, signal }: WireRequest): Promise<WireAnswer> {
    return new Promise((resolve, reject) => {
      let stream: http2.ClientHttp2Stream;
      try {
        const prefix = this.#url.pathname.replace(/\/$/, "");
        stream = on.session.request(
          { ":method": method, ":path": `${prefix}${path}`, ...headers },
          // Always explicit: Node ends DELETE streams at once, and writing the options would then throw.
          { endStream: body === undefined, signal },
        );
      } catch (cause) {
        reject(new NotSent("the connection takes no new requests", { cause }));
        return;
      }
      on.streams += 1;
      const [sentMs, heard] = [performance.now(), on.socket.bytesRead];
      stream.setMaxListeners(0);
      stream.on("close", () => {
        on.streams -= 1;
      });
      stream.on("error", (cause: Error) => {
        const isSilent = on.socket.bytesRead === heard && performance.now() - sentMs >= doubtMs;
        if (signal.aborted && isSilent) this.#doubt(on);
        const isRefused = stream.rstCode === http2.constants.NGHTTP2_REFUSED_STREAM;
        reject(
          isRefused && !signal.aborted ? new NotSent("the server refused the stream", { cause }) : cause,
        );
      });
      stream.on("response", (received) => {
        const flat: Record<string, string | undefined> = {};
        for (const [name, value] of Object.entries(received))
          flat[name] = Array.isArray(value)
            ? value.join(", ")
            : value === undefined
              ? undefined
              : String(value);
        // Read from now on: a short answer can be whole and its stream closed before the caller looks at it, and what
        // a closed stream held is lost. The error of a broken stream reaches whoever reads the body.
        const body = pipeline(stream, new PassThrough(), () => undefined);
        resolve({ status: Number(received[":status"] ?? 0), headers: flat, body });
      });
      stream.on("close", () => reject(new Error("the stream ended without an answer")));
      if (body !== undefined) stream.end(body);
    });
  }
}

/** With the socket: a session that was closed before waits for the other side's end, and with it the whole process. */
function giveUp({ session, socket }: Session): void {
  session.destroy();
  socket.destroy();
}

async function secureSocket(server: Server, url: URL): Promise<tls.TLSSocket> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = Number(url.port || "443");
  const material = await server.tls();
  const through =
    server.proxyUrl === undefined ? undefined : await tunnel(new URL(server.proxyUrl), host, port);
  return await new Promise((resolve, reject) => {
    const socket = tls.connect({
      ...(through === undefined ? { host, port } : { socket: through }),
      ALPNProtocols: ["h2", "http/1.1"],
      ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
      ...material,
    });
    const late = setTimeout(
      () => socket.destroy(new Error(`no connection to ${url.host} in ${connectTimeoutMs} ms`)),
      connectTimeoutMs,
    );
    socket.setNoDelay(true);
    socket.setKeepAlive(true, silenceMs);
    socket.once("secureConnect", () => {
      clearTimeout(late);
      socket.removeListener("error", reject);
      resolve(socket);
    });
    socket.once("error", (cause) => {
      clearTimeout(late);
      reject(new NotSent(`no connection to ${url.host}: ${cause.message}`, { cause }));
    });
  });
}

/** A TCP connection through an HTTP proxy, by CONNECT. */
function tunnel(proxy: URL, host: string, port: number): Promise<ReturnType<typeof connectTcp>> {
  return new Promise((resolve, reject) => {
    const request = http.request({
      host: proxy.hostname,
      port: proxy.port || "80",
      method: "CONNECT",
      path: `${host}:${port}`,
    });
    request.setTimeout(connectTimeoutMs, () =>
      request.destroy(new Error(`no answer of the proxy ${proxy.host}`)),
    );
    request.once("connect", (answer, socket) => {
      request.setTimeout(0);
      if (answer.statusCode === 200) resolve(Object.assign(socket));
      else reject(new NotSent(`the proxy ${proxy.host} answered ${answer.statusCode ?? 0}`));
    });
    request.once("error", (cause) =>
      reject(new NotSent(`no connection to the proxy ${proxy.host}`, { cause })),
    );
    request.end();
  });
}

/** HTTP/1.1 with a shared pool. */
function plainTransport(url: URL, agent: http.Agent, request: typeof http.request): Transport {
  const prefix = url.pathname.replace(/\/$/, "");
  return {
    close: () => agent.destroy(),
    send: ({ method, path, headers, body, signal }) =>
      new Promise((resolve, reject) => {
        // Without a length Node sends the body of a DELETE unframed, and the server reads it as the next request.
        const sized =
          body === undefined ? headers : { ...headers, "content-length": String(Buffer.byteLength(body)) };
        const sent = request(
          {
            host: url.hostname,
            port: url.port,
            method,
            path: `${prefix}${path}`,
            headers: sized,
            agent,
            signal,
          },
          (answer) => {
            const flat: Record<string, string | undefined> = {};
            for (const [name, value] of Object.entries(answer.headers))
              flat[name] = Array.isArray(value) ? value.join(", ") : value;
            resolve({ status: answer.statusCode ?? 0, headers: flat, body: answer });
          },
        );
        sent.once("error", reject);
        sent.end(body);
      }),
  };
}
