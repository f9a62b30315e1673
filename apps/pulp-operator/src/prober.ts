/** Asks Pulp's api, beside the line, what only Pulp knows. I/O: HTTP and one Secret, through what the runtime hands in. */
import type { ProbeIO, Prober } from "@zuul-pulp/k8s-core";
import type { LiveObject } from "@zuul-pulp/k8s-core/model";
import {
  apiPort,
  nameOf,
  parsePulp,
  type Pulp,
  type PulpFacts,
  probePulp,
  sameFacts,
  statusPath,
} from "@zuul-pulp/pulp";

export const pulpProber: Prober<PulpFacts> = {
  // The status page makes several queries; more often than this would be a burden.
  intervalMs: 10_000,
  // Slow is not gone: on a busy node the page takes seconds, and kubelet watches the pods more closely anyway.
  timeoutMs: 45_000,
  probe: (resource, _status, io) => ask(resource, io),
  equal: sameFacts,
};

async function ask(resource: LiveObject, io: ProbeIO): Promise<PulpFacts> {
  const pulp = parsePulp(resource);
  const page = statusPath(pulp.roots);
  const base = io.serviceUrl(nameOf(pulp.name, "api"), apiPort);
  return probePulp({
    status: () => getJson(`${base}${page}`, {}, io),
    tasks: async (query) => {
      const headers = await adminLogin(pulp, io);
      return getJson(`${base}${page.replace(/status\/$/, "tasks/")}?${query}`, headers, io);
    },
  });
}

async function getJson(
  url: string,
  headers: Readonly<Record<string, string>>,
  io: ProbeIO,
): Promise<unknown> {
  const { status, body } = await io.get(url, { headers: { accept: "application/json", ...headers } });
  if (status !== 200) throw new Error(`Pulp's api answered ${status}`);
  return JSON.parse(body);
}

async function adminLogin(
  { name, spec: { adminPassword } }: Pulp,
  io: ProbeIO,
): Promise<Record<string, string>> {
  const secret = await io.readSecret(adminPassword?.secretName ?? nameOf(name, "admin-password"));
  const entries = secret?.entries ?? new Map<string, Uint8Array>();
  const only = entries.size === 1 ? [...entries.values()][0] : undefined;
  const bytes = entries.get(adminPassword?.key ?? "password") ?? only;
  if (bytes === undefined) throw new Error("the password of user admin is not there yet");
  const password = Buffer.from(bytes)
    .toString("utf8")
    .replace(/\r?\n$/, "");
  return { authorization: `Basic ${Buffer.from(`admin:${password}`).toString("base64")}` };
}
