/** Somebody else's file server that Pulp syncs from: it asks for a password, and keeps back what the test holds. */
import { randomBytes } from "node:crypto";
import type { PulpClient } from "../demo/pulp-file.ts";
import { imagesUnderTest, type UnderTest } from "./cluster-under-test.ts";
import { secret } from "./pulp-under-test.ts";
import { restrictedContainer, restrictedPod } from "./restricted.ts";

const program = `
import base64, hashlib, http.server, os, time
payload = b"from the origin " * 64
manifest = f"file.bin,{hashlib.sha256(payload).hexdigest()},{len(payload)}\\n".encode()
wanted = "Basic " + base64.b64encode(f"{os.environ['LOGIN']}:{os.environ['PASSWORD']}".encode()).decode()
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.headers.get("Authorization") != wanted:
            return self.send_error(401)
        while self.path.startswith("/held/") and not os.path.exists("/tmp/release"):
            time.sleep(0.2)
        body = manifest if self.path.endswith("/PULP_MANIFEST") else payload
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
http.server.ThreadingHTTPServer(("", 8080), Handler).serve_forever()
`;

export interface Origin {
  /** Seen by Pulp; `held` answers only after `release`. */
  readonly urls: { readonly open: string; readonly held: string };
  readonly login: string;
  readonly password: string;
  release(): Promise<void>;
}

export async function startOrigin({ kubectl }: UnderTest, namespace: string): Promise<Origin> {
  const login = "pulp";
  const password = randomBytes(12).toString("hex");
  const labels = { app: "origin" };
  await kubectl("-n", namespace, "delete", "pod", "origin", "--ignore-not-found", "--wait=true");
  await kubectl.apply(
    [
      secret("origin", { login, password }),
      {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "origin", labels },
        spec: {
          ...restrictedPod,
          containers: [
            {
              name: "origin",
              image: imagesUnderTest().git,
              command: ["python3", "-u", "-c", program],
              env: [
                { name: "LOGIN", valueFrom: { secretKeyRef: { name: "origin", key: "login" } } },
                { name: "PASSWORD", valueFrom: { secretKeyRef: { name: "origin", key: "password" } } },
              ],
              readinessProbe: { tcpSocket: { port: 8080 } },
              securityContext: restrictedContainer,
            },
          ],
        },
      },
      {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "origin" },
        spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
      },
    ],
    namespace,
  );
  await kubectl("-n", namespace, "wait", "--for=condition=Ready", "pod/origin", "--timeout=120s");
  const base = `http://origin.${namespace}.svc`;
  return {
    urls: { open: `${base}/open/PULP_MANIFEST`, held: `${base}/held/PULP_MANIFEST` },
    login,
    password,
    release: async () => {
      await kubectl("-n", namespace, "exec", "origin", "--", "touch", "/tmp/release");
    },
  };
}

/** A repository that is being synced: the task runs until the origin has answered everything. */
export async function startSync(
  client: PulpClient,
  { urls, login, password }: Origin,
  which: keyof Origin["urls"],
): Promise<{ readonly task: string; readonly repository: string; readonly remote: string }> {
  const name = `${which}-${Date.now()}`;
  const remote = await client.call<{ pulp_href: string }>("/pulp/api/v3/remotes/file/file/", {
    name,
    url: urls[which],
    policy: "immediate",
    username: login,
    password,
  });
  const repository = await client.call<{ pulp_href: string }>("/pulp/api/v3/repositories/file/file/", {
    name,
  });
  const { task } = await client.call<{ task: string }>(`${repository.pulp_href}sync/`, {
    remote: remote.pulp_href,
  });
  return { task, repository: repository.pulp_href, remote: remote.pulp_href };
}
