/** Asks Zuul's own web server, beside the line, what only Zuul knows. I/O: HTTP through what the runtime hands in. */
import type { ProbeIO, Prober } from "@zuul-pulp/k8s-core";
import type { LiveObject } from "@zuul-pulp/k8s-core/model";
import { nameOf, ports, probeZuul, type ZuulFacts } from "@zuul-pulp/zuul";

export const zuulProber: Prober<ZuulFacts> = {
  intervalMs: 10_000,
  // Slow is not gone: on a busy node each of its tenants takes a while, and kubelet watches the pods more closely anyway.
  timeoutMs: 45_000,
  probe: (resource, _status, io) => probeZuul((path) => getJson(resource, path, io)),
};

async function getJson({ metadata }: LiveObject, path: string, io: ProbeIO): Promise<unknown> {
  const base = io.serviceUrl(nameOf({ name: metadata.name }, "web"), ports.web);
  const { status, body } = await io.get(`${base}${path}`);
  if (status === 401 || status === 403) return undefined;
  if (status !== 200) throw new Error(`Zuul's web server answered ${status} to ${path}`);
  return JSON.parse(body);
}
