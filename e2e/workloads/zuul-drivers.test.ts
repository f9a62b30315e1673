/**
 * The file of each daemon with every driver and every option, loaded by Zuul's own code in the image that runs: each
 * value, of a secret above all, must come out as it went in. What no line can hold is refused before, by unit tests.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { daemons } from "../../packages/zuul/src/daemons.ts";
import {
  type EveryDriver,
  filesFor,
  renderEveryDriver,
  type Sections,
  zuulLoads,
} from "../../packages/zuul/src/every-driver.builders.ts";
import { namespaces } from "../demo/resources.ts";
import { clusterUnderTest, type UnderTest } from "./cluster-under-test.ts";
import { runPython } from "./zuul-under-test.ts";

const workloads = {
  executor: "statefulset/zuul-executor",
  merger: "statefulset/zuul-merger",
  scheduler: "statefulset/zuul-scheduler",
  web: "deployment/zuul-web",
  fingergw: "deployment/zuul-fingergw",
} as const;

describe("Zuul in its own image", () => {
  let cluster: UnderTest;
  let every: EveryDriver;

  beforeAll(async () => {
    [cluster, every] = await Promise.all([clusterUnderTest(), renderEveryDriver()]);
  });

  test.each(daemons)(
    "builds every connection of %s and hands it every value as it was given",
    async (daemon) => {
      const where = { namespace: namespaces.zuul, pod: workloads[daemon], container: daemon };
      const answer = await runPython(
        cluster,
        { ...where, command: `zuul-${daemon}` },
        zuulLoads,
        filesFor(daemon, every.rendered),
      );
      const seen = JSON.parse(answer) as Sections;
      expect(seen).toEqual(every.promised[daemon]);
    },
  );
});
