import { describe, expect, test } from "vitest";
import { renderObjects, zuulWith } from "./render.builders.ts";

const fields = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? { ...value } : {};
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const component = (selector: unknown): string =>
  String(fields(fields(selector)["matchLabels"])["app.kubernetes.io/component"]);

/** `component ← who: ports`, one row per rule. */
function rows(spec: unknown): readonly string[] {
  const to = component(fields(spec)["podSelector"]);
  const rules = list(fields(spec)["ingress"]).map(fields);
  if (rules.length === 0) return [`${to} ← nobody`];
  return rules.map((rule) => {
    const peers = list(rule["from"]).map((peer) => component(fields(peer)["podSelector"]));
    const ports = list(rule["ports"]).map((port) => String(fields(port)["port"]));
    return `${to} ← ${rule["from"] === undefined ? "anywhere" : peers.join(" ")}: ${ports.join(" ")}`;
  });
}

describe("network policies", () => {
  test("let in exactly what each program is asked for, and restrict nothing that goes out", async () => {
    const { plan } = await renderObjects([
      { kind: "ConfigMap", metadata: { name: "tenants" }, data: { "main.yaml": "[]" } },
      {
        kind: "ConfigMap",
        metadata: { name: "pools" },
        data: { "nodepool.yaml": "providers: [{name: p, driver: kubernetes, pools: []}]" },
      },
      zuulWith({
        scheduler: { config: "tenants" },
        database: { mode: "single" },
        launcher: { config: "pools" },
        builder: { config: "pools" },
      }),
    ]);
    const policies = plan.stages
      .flatMap(({ manifests }) => manifests)
      .filter(({ kind }) => kind === "NetworkPolicy");
    expect(policies.map(({ spec }) => fields(spec)["egress"])).toEqual(policies.map(() => undefined));
    const zuul = "scheduler executor merger web fingergw nodepool-launcher nodepool-builder";
    expect(policies.flatMap(({ spec }) => rows(spec)).toSorted()).toEqual(
      [
        `zookeeper ← ${zuul}: 2281`,
        "zookeeper ← zookeeper: 2281 2888 3888",
        "database ← scheduler web: 3306",
        "executor ← web fingergw: 7900",
        "executor ← anywhere: 9091",
        "merger ← anywhere: 9091",
        "scheduler ← anywhere: 9091",
        "web ← anywhere: 9000 9091",
        "fingergw ← anywhere: 9079 9091",
        "nodepool-launcher ← nobody",
        "nodepool-builder ← nobody",
      ].toSorted(),
    );
  });
});
