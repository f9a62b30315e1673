import { expect, test, vi } from "vitest";
import { ProberRun } from "./prober.ts";

const asked: string[] = [];
// Names that nobody resolves: the system's resolver cannot be made to be silent.
vi.mock("node:dns/promises", () => ({
  lookup: (host: string) => {
    asked.push(host);
    return new Promise(() => undefined);
  },
}));

test("probes whose names cannot be resolved do not pile up", async () => {
  const keys = Array.from({ length: 20 }, (_, index) => `ns/p${index}`);
  let ended = 0;
  const run = new ProberRun({
    prober: {
      intervalMs: 60_000,
      timeoutMs: 20,
      probe: async (resource, _status, io) => {
        await io.get(io.serviceUrl(resource.metadata.name, 80)).finally(() => (ended += 1));
      },
    },
    find: (key) => ({
      apiVersion: "example.org/v1",
      kind: "Board",
      metadata: { name: key.slice(3), namespace: "ns", uid: key, resourceVersion: "1" },
    }),
    readSecret: async () => undefined,
    onChange: () => undefined,
  });
  const stop = new AbortController();
  const running = run.run(stop.signal);
  for (const key of keys) run.follow(key, key);
  await vi.waitUntil(() => ended === keys.length, { timeout: 60_000 });
  expect(asked).toHaveLength(2);
  stop.abort();
  await running;
});
