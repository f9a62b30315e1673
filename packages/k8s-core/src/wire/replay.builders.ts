/** Recorded answers over real HTTP, in order, for tests: what was asked is kept, what is answered is written down. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Client } from "./client.ts";
import type { Server } from "./server.ts";
import { openTransport } from "./transport.ts";

export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly authorization: string | undefined;
  readonly body: string;
}

export type Answerer = (asked: Asked, response: ServerResponse) => void;

export interface Replay extends AsyncDisposable {
  readonly client: Client;
  readonly asked: readonly Asked[];
}

/** Each request takes the next answer; the last one answers all that follow. */
export async function replay(
  answers: readonly Answerer[],
  tokens: readonly string[] = ["t"],
): Promise<Replay> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void read(request).then((one) => {
      asked.push(one);
      answers[Math.min(asked.length, answers.length) - 1]?.(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  let at = 0;
  const here: Server = {
    url: `http://127.0.0.1:${port}`,
    tls: async () => ({}),
    authorization: async (isStale) =>
      `Bearer ${tokens[isStale ? Math.min((at += 1), tokens.length - 1) : at] ?? ""}`,
  };
  const client = new Client({ transport: openTransport(here), server: here, userAgent: "test" });
  return {
    client,
    asked,
    async [Symbol.asyncDispose]() {
      client.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const json =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answerer =>
  (_asked, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  };

/** Lines of a watch; then the stream ends, is cut, or stays open. */
export const stream =
  (lines: readonly (object | string)[], then: "end" | "cut" | "open" = "end"): Answerer =>
  (_asked, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.write(
      lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join(""),
      () => {
        if (then === "end") response.end();
        if (then === "cut") response.destroy();
      },
    );
  };

async function read(request: IncomingMessage): Promise<Asked> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  const { authorization } = request.headers;
  return {
    method: request.method ?? "",
    url: new URL(request.url ?? "/", "http://server"),
    authorization,
    body,
  };
}
