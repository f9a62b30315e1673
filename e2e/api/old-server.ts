/** An API server as the older ones are: over HTTP/1.1, and it does not stream the objects that are present. */
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { request } from "node:https";
import { parse, stringify } from "yaml";
import { field, word } from "./harness.ts";

export interface OldServer extends AsyncDisposable {
  readonly kubeconfig: string;
}

/** Stands before the server of a kubeconfig, and passes on everything else with the caller's own credentials. */
export async function oldServer(kubeconfig: string): Promise<OldServer> {
  const config: unknown = parse(await readFile(kubeconfig, "utf8"));
  const real = field(config, "clusters", 0, "cluster");
  const { hostname, port } = new URL(word(real, "server"));
  const ca = Buffer.from(word(real, "certificate-authority-data"), "base64");
  const front = createServer((asked, answer) => {
    if (asked.url?.includes("sendInitialEvents=true") === true) {
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
    });
    passed.once("error", () => answer.destroy());
    answer.once("close", () => passed.destroy());
    asked.pipe(passed);
  });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  const address = front.address();
  const here = typeof address === "object" && address !== null ? address.port : 0;
  const file = `${kubeconfig}.old`;
  // Clients refuse a server without TLS unless they are told not to look at it.
  const cluster = { server: `http://127.0.0.1:${here}`, "insecure-skip-tls-verify": true };
  const through = { clusters: [{ name: "old", cluster }] };
  const contexts = [
    { name: "old", context: { cluster: "old", user: word(field(config, "users", 0), "name") } },
  ];
  const changed = { ...Object(config), ...through, contexts, "current-context": "old" };
  await writeFile(file, stringify(changed), { mode: 0o600 });
  return {
    kubeconfig: file,
    async [Symbol.asyncDispose]() {
      front.closeAllConnections();
      await new Promise((resolve) => front.close(resolve));
    },
  };
}
