import { describe, expect, test } from "vitest";
import { at, manifestsOf, only, web } from "./constructs.builders.ts";
import { NetworkRules, type NetworkRulesProps } from "./network-rules.ts";

const spec = (rules: Pick<NetworkRulesProps, "ingress" | "egress">) =>
  at(
    only(
      manifestsOf((scope) => new NetworkRules(scope, "r", { name: "ci-web", member: web, ...rules })),
      "NetworkPolicy",
    ),
    "spec",
  );

describe("NetworkRules", () => {
  test("lets members in on their ports only", () => {
    const scheduler = { name: "zuul", instance: "ci", component: "scheduler" };
    expect(at(spec({ ingress: [{ from: [scheduler], ports: [{ port: 9000 }] }] }), "ingress")).toEqual([
      {
        from: [
          {
            podSelector: {
              matchLabels: {
                "app.kubernetes.io/component": "scheduler",
                "app.kubernetes.io/instance": "ci",
                "app.kubernetes.io/name": "zuul",
              },
            },
          },
        ],
        ports: [{ port: 9000, protocol: "TCP" }],
      },
    ]);
  });

  test("tells the namespace from everybody", () => {
    expect(at(spec({ ingress: [{ from: "namespace" }] }), "ingress")).toEqual([
      { from: [{ podSelector: {} }] },
    ]);
    expect(at(spec({ ingress: [{ from: "anywhere" }] }), "ingress")).toEqual([{}]);
  });

  test("restricts only the directions that it is given, and lets nobody in when no rule is left", () => {
    expect(at(spec({ ingress: [] }), "policyTypes")).toEqual(["Ingress"]);
    expect(at(spec({ egress: [{ to: "namespace" }] }), "policyTypes")).toEqual(["Egress"]);
  });

  test("refuses an empty list of peers, which Kubernetes takes for everybody", () => {
    expect(() => spec({ ingress: [{ from: [] }] })).toThrow("at least one peer");
  });
});
