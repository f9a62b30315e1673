import { describe, expect, test } from "vitest";
import { clusterOf, everything, type Rendered, renderObjects, zuulWith } from "./render.builders.ts";
import { type Live, nothingLive } from "./live.ts";
import { synthZuul } from "./synth.ts";

const render = (spec: Readonly<Record<string, unknown>> = {}): Promise<Rendered> =>
  renderObjects([
    { kind: "ConfigMap", metadata: { name: "tenants" }, data: { "main.yaml": "[]" } },
    zuulWith({
      scheduler: { config: "tenants" },
      database: { mode: "single" },
      merger: { count: 1 },
      ...spec,
    }),
  ]);

/** `stage: reason, holds, until whom`, for the gates that stand. */
function gates({ zuul, config }: Rendered, live: Live): readonly string[] {
  return synthZuul(zuul, config, everything, live).stages.flatMap(({ name, gate }) =>
    gate === undefined
      ? []
      : [`${name}: ${gate.reason}, holds ${gate.holds} until ${gate.until.map((ref) => ref.name).join(" ")}`],
  );
}

const inOrder = [
  "mergers: ExecutorsUpdating, holds updates until zuul-executor",
  "schedulers: MergersUpdating, holds updates until zuul-merger",
  "edge: SchedulersUpdating, holds updates until zuul-scheduler",
];

describe("gatesOf()", () => {
  test("waits for ZooKeeper and the database on a first install, and then for nothing", async () => {
    expect(gates(await render(), nothingLive)).toEqual([
      "executors: BackingServicesNotReady, holds everything until zuul-zookeeper zuul-database",
    ]);
  });

  test("orders an upgrade, until the last program has its new image", async () => {
    const [old, next] = [await render(), await render({ version: "14.4.0" })];
    expect(gates(next, clusterOf(old.plan))).toEqual(inOrder);
    // Executors were told, nobody else yet.
    const half: Live = {
      ...nothingLive,
      live: (ref) => clusterOf((ref.name === "zuul-executor" ? next : old).plan).live(ref),
    };
    expect(gates(next, half)).toEqual(inOrder);
    expect(gates(next, clusterOf(next.plan))).toEqual([]);
  });

  test("orders the change of a single image, too", async () => {
    const next = await render({ merger: { count: 1, image: "example.org/merger:1" } });
    expect(gates(next, clusterOf((await render()).plan))).toEqual(inOrder);
  });

  test("lets any other change roll at once", async () => {
    const next = await render({
      connections: { git: { driver: "git", baseurl: "https://x/" } },
      executor: { count: 3 },
    });
    expect(gates(next, clusterOf((await render()).plan))).toEqual([]);
  });
});

describe("synthZuul()", () => {
  test("refuses volumes that an ensemble of another size has left", async () => {
    const { zuul, config, plan } = await render({ zookeeper: { count: 1 } });
    expect(synthZuul(zuul, config, everything, clusterOf(plan)).stages).toHaveLength(5);
    const three = await render({ zookeeper: { count: 3 } });
    expect(() => synthZuul(three.zuul, three.config, everything, clusterOf(plan))).toThrow(
      "spec.zookeeper.count is 3, but the volumes of zuul-zookeeper are those of 1 members: set 1, or delete",
    );
  });
});
