/**
 * What may talk to what. The allowed half runs everywhere; that all else is cut off shows only where policies are
 * enforced, which kind does and a native node does not.
 */
import { expect, test } from "vitest";
import { namespaces } from "../demo/resources.ts";
import { clusterUnderTest, type UnderTest } from "./cluster-under-test.ts";

const connect = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)";

interface Way {
  readonly from: string;
  readonly to: string;
  readonly port: number;
}

/** From inside a pod of the `zuul` namespace, as its own program would. */
async function isOpen({ kubectl }: UnderTest, { from, to, port }: Way): Promise<boolean> {
  const words = ["-n", namespaces.zuul, "exec", from, "--", "python3", "-c", connect, to, String(port)];
  return kubectl(...words).then(
    () => true,
    (error: unknown) => {
      // Only Python's own answer is one; a kubectl that could not exec is not.
      if (/TimeoutError|timed out|ConnectionRefusedError/.test(String(error))) return false;
      throw error;
    },
  );
}

const underTest = await clusterUnderTest();

test("what Zuul needs is let through", async () => {
  const ways: readonly Way[] = [
    { from: "statefulset/zuul-scheduler", to: "zuul-zookeeper", port: 2281 },
    { from: "statefulset/zuul-executor", to: "zuul-zookeeper", port: 2281 },
    { from: "statefulset/zuul-scheduler", to: "zuul-database", port: 3306 },
    { from: "deployment/zuul-web", to: "zuul-database", port: 3306 },
    { from: "deployment/zuul-web", to: "zuul-executor-0.zuul-executor", port: 7900 },
  ];
  const open = await Promise.all(ways.map((way) => isOpen(underTest, way)));
  expect(ways.filter((_, index) => !open[index])).toEqual([]);
});

test.skipIf(!underTest.capabilities.has("networkpolicy"))(
  "a pod that is not part of it is cut off",
  async () => {
    const from = "deployment/git-server";
    const ways: readonly Way[] = [
      { from, to: "zuul-zookeeper", port: 2281 },
      { from, to: "zuul-database", port: 3306 },
      { from, to: "zuul-executor-0.zuul-executor", port: 7900 },
      { from, to: `pulp-database.${namespaces.pulp}`, port: 5432 },
      { from, to: `pulp-cache.${namespaces.pulp}`, port: 6379 },
      { from, to: `pulp-api.${namespaces.pulp}`, port: 24817 },
      { from: "statefulset/zuul-executor", to: "zuul-database", port: 3306 },
    ];
    const open = await Promise.all(ways.map((way) => isOpen(underTest, way)));
    expect(ways.filter((_, index) => open[index])).toEqual([]);
  },
);
