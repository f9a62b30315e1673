import { createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { type Client, connect, kinds } from "@zuul-pulp/k8s-core";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { allFaults, type Fault } from "../faults/fault.ts";
import { type Identity, proxyIdentity } from "./certificate.ts";
import { openProxy, type Proxy } from "./proxy.ts";

let server: Http2SecureServer;
let proxy: Proxy;
let client: Client;
let close: () => void;
let folder: string;
let killed: number;
let onKill: () => void;
let asked: string[];
let watches: ServerHttp2Stream[];

const secret = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "one-ca", namespace: "n", uid: "u", resourceVersion: "1" },
};

const line = (type: string): string => `${JSON.stringify({ type, object: secret })}\n`;

/** A server that has one Secret; a watch of it stays open for the test to go on with. */
function fakeServer({ key, certificate }: Identity): Http2SecureServer {
  const fake = createSecureServer({ key, cert: certificate });
  fake.on("stream", (stream, headers) => {
    const path = String(headers[":path"]);
    asked.push(`${String(headers[":method"])} ${path.split("?")[0] ?? ""}`);
    stream.respond({ ":status": 200, "content-type": "application/json" });
    if (!path.includes("watch=1")) return void stream.end(JSON.stringify(secret));
    stream.write(line("ADDED"));
    watches.push(stream);
  });
  return fake;
}

beforeEach(async () => {
  [killed, onKill, asked, watches] = [0, () => undefined, [], []];
  const identity = await proxyIdentity();
  server = fakeServer(identity);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const upstream = { url: `https://127.0.0.1:${port}`, ca: identity.ca };
  const kill = async (): Promise<void> => {
    killed += 1;
    onKill();
  };
  proxy = await openProxy({ identity, upstream, kill });
  folder = await mkdtemp(join(tmpdir(), "proof-proxy-"));
  const kubeconfig = join(folder, "kubeconfig");
  const cluster = {
    server: proxy.url,
    "certificate-authority-data": Buffer.from(identity.ca).toString("base64"),
  };
  const context = { cluster: "c", user: "u" };
  const config = {
    clusters: [{ name: "c", cluster }],
    users: [{ name: "u", user: { token: "t" } }],
    contexts: [{ name: "x", context }],
    "current-context": "x",
  };
  await writeFile(kubeconfig, JSON.stringify(config));
  ({ client, close } = await connect({ kubeconfig, userAgent: "test" }));
});

afterEach(async () => {
  close();
  proxy[Symbol.dispose]();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

async function fault(name: string): Promise<Fault> {
  const found = (await allFaults()).find((one) => one.name === name);
  if (found === undefined) throw new Error(`no fault ${name}`);
  return found;
}

describe("the proxy", () => {
  test("passes calls on and keeps a record of them", async () => {
    proxy.begin("one");
    await client.get(kinds.Secret, "n", "one-ca");
    expect(proxy.seen.map(({ call, status }) => `${call.key} ${status}`)).toEqual(["get secrets @-ca 200"]);
    expect(proxy.hasStruck).toBe(false);
  });

  test("answers in the server's place at the call that is meant, once", async () => {
    proxy.begin("one", { fault: await fault("500"), key: "get secrets @-ca", ordinal: 1 });
    // The client repeats what may be repeated.
    expect(await client.get(kinds.Secret, "n", "one-ca")).toBeDefined();
    expect(proxy.seen.map(({ status, fault: met }) => [status, met])).toEqual([
      [0, "500"],
      [200, undefined],
    ]);
    expect(asked).toHaveLength(1);
  });

  test("lets the server act and loses its answer", async () => {
    proxy.begin("one", { fault: await fault("lost-reply"), key: "get secrets @-ca", ordinal: 1 });
    expect(await client.get(kinds.Secret, "n", "one-ca")).toBeDefined();
    expect(asked).toHaveLength(2);
  });

  test("kills before the server hears of the call", async () => {
    proxy.begin("one", { fault: await fault("kill-before"), key: "get secrets @-ca", ordinal: 1 });
    const ended = new AbortController();
    onKill = () => ended.abort();
    await expect(client.get(kinds.Secret, "n", "one-ca", { signal: ended.signal })).rejects.toThrow();
    expect(killed).toBe(1);
    expect(asked).toEqual([]);
    expect(proxy.seen[0]?.status).toBe(0);
  });

  test("strikes a watch at its first event after the record began", async () => {
    const types: string[] = [];
    for await (const event of client.watch(kinds.Secret, "n", { timeoutSeconds: 5 })) {
      if (types.length === 0) {
        proxy.begin("one", { fault: await fault("watch-410"), key: "watch secrets", ordinal: 1 });
        for (const watch of watches) watch.end(line("MODIFIED"));
      }
      types.push(event.type);
    }
    expect(types).toEqual(["ADDED", "ERROR"]);
    expect([...proxy.heard]).toEqual([["watch secrets", 1]]);
  });
});
