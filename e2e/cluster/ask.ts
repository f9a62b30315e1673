/**
 * Single questions to a cluster's API server while it comes up: a kubectl process for each would cost more than the
 * answer. I/O.
 */
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";

export interface Server {
  readonly address: string;
  readonly port: number;
  /** Folder of the instance, which holds `certs/apiserver.crt`. */
  readonly folder: string;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/**
 * GET, or POST where there is a body.
 * @throws Error when nobody answers within 2 s
 */
export async function ask(server: Server, path: string, token?: string, body?: object): Promise<Answer> {
  const ca = readFileSync(join(server.folder, "certs/apiserver.crt"));
  const headers = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
  return new Promise((done, failed) => {
    const asked = request(
      {
        host: server.address,
        port: server.port,
        path,
        ca,
        headers,
        method: body === undefined ? "GET" : "POST",
      },
      (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (chunk: string) => {
          text += chunk;
        });
        answer.once("end", () => done({ status: answer.statusCode ?? 0, text }));
        answer.once("error", failed);
      },
    );
    asked.setTimeout(2000, () => asked.destroy(new Error("no answer")));
    asked.once("error", failed);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

export async function isReady(server: Server): Promise<boolean> {
  return ask(server, "/readyz").then(
    ({ status }) => status === 200,
    () => false,
  );
}

/** @throws Error with the server's words */
export async function post(server: Server, path: string, token: string, object: object): Promise<void> {
  const { status, text } = await ask(server, path, token, object);
  if (status >= 300) throw new Error(`POST ${path}: ${String(status)} ${text}`);
}

/** Whether a node reports to be ready. */
export async function isNodeReady(server: Server, token: string, node: string): Promise<boolean> {
  const { status, text } = await ask(server, `/api/v1/nodes/${node}`, token);
  if (status !== 200) return false;
  // The edge: the API server's own type.
  const found = JSON.parse(text) as { status?: { conditions?: readonly { type: string; status: string }[] } };
  return found.status?.conditions?.some((one) => one.type === "Ready" && one.status === "True") === true;
}

export async function exists(server: Server, token: string, path: string): Promise<boolean> {
  return (await ask(server, path, token)).status === 200;
}
