/**
 * A front before an API server, over HTTP/1.1: it hears what is asked, can cut every connection, and can be as the older
 * servers are, which do not stream the objects that are present.
 */
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { request } from "node:https";
import { parse, stringify } from "yaml";
import { field, word } from "../lab/look.ts";

export interface Front extends AsyncDisposable {
  readonly kubeconfig: string;
  /** Ends every connection at once, as a failing node between the two does. */
  cut(): void;
}

export interface FrontOptions {
  readonly isOld?: boolean;
  /** A watch that asks for the present objects is answered so late, as where there are very many. Default 0. */
  readonly presentAfterMs?: number;
  /** Every write, with its body. */
  readonly onWrite?: (write: {
    readonly method: string;
    readonly path: string;
    readonly body: string;
  }) => void;
}

const asksForPresent = ({ url = "" }: IncomingMessage): boolean => url.includes("sendInitialEvents=true");

/** Stands before the server of a kubeconfig, and passes on everything else with the caller's own credentials. */
export async function openFront(
  kubeconfig: string,
  { isOld = false, presentAfterMs = 0, onWrite }: FrontOptions = {},
): Promise<Front> {
  const config: unknown = parse(await readFile(kubeconfig, "utf8"));
  const real = field(config, "clusters", 0, "cluster");
  const { hostname, port } = new URL(word(real, "server"));
  const ca = Buffer.from(word(real, "certificate-authority-data"), "base64");
  const pass = (asked: IncomingMessage, answer: ServerResponse): void => {
    if (isOld && asksForPresent(asked)) {
      const message = "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled";
      answer.writeHead(422, { "content-type": "application/json" });
      answer.end(
        JSON.stringify({ kind: "Status", status: "Failure", reason: "Invalid", code: 422, message }),
      );
      return;
    }
    const { method, url: path, headers } = asked;
    const passed = request({ hostname, port, ca, method, path, headers }, (given) => {
      answer.writeHead(given.statusCode ?? 502, given.headers).flushHeaders();
      given.pipe(answer);
      given.once("error", () => answer.destroy());
    });
    passed.once("error", () => answer.destroy());
    answer.once("close", () => passed.destroy());
    asked.pipe(passed);
    if (onWrite === undefined || method === undefined || method === "GET") return;
    const chunks: Buffer[] = [];
    asked.on("data", (chunk: Buffer) => chunks.push(chunk));
    asked.once("end", () => onWrite({ method, path: path ?? "", body: Buffer.concat(chunks).toString() }));
  };
  const front = createServer((asked, answer) => {
    if (asksForPresent(asked)) setTimeout(() => pass(asked, answer), presentAfterMs);
    else pass(asked, answer);
  });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  const address = front.address();
  const here = typeof address === "object" && address !== null ? address.port : 0;
  const file = `${kubeconfig}.front-${here}`;
  // Clients refuse a server without TLS unless they are told not to look at it.
  const cluster = { server: `http://127.0.0.1:${here}`, "insecure-skip-tls-verify": true };
  const through = { clusters: [{ name: "front", cluster }] };
  const contexts = [
    { name: "front", context: { cluster: "front", user: word(field(config, "users", 0), "name") } },
  ];
  const changed = { ...Object(config), ...through, contexts, "current-context": "front" };
  await writeFile(file, stringify(changed), { mode: 0o600 });
  return {
    kubeconfig: file,
    cut: () => front.closeAllConnections(),
    async [Symbol.asyncDispose]() {
      front.closeAllConnections();
      await new Promise((resolve) => front.close(resolve));
    },
  };
}
