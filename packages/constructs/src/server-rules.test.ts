import { describe, expect, test } from "vitest";
import { exposeProblems, podProblems } from "./server-rules.ts";

describe("podProblems()", () => {
  test("says nothing about a pod that the server takes", () => {
    const pod = {
      resources: { requests: { cpu: "1", "nvidia.com/gpu": "1" } },
      labels: { "example.org/team": "a_b.c", plain: "" },
      annotations: { "Example.org/Note": "any text\n" },
      tolerations: [
        { operator: "Exists" as const },
        { key: "a", value: "b", effect: "NoExecute" as const, tolerationSeconds: 1 },
      ],
      env: [{ name: "A.b-c_1", valueFrom: { secretKeyRef: { name: "a.b", key: "..A".slice(1) } } }],
      extraVolumes: [{ name: "Any name", mountPath: "/mnt/x", subPath: "a/b", secret: { secretName: "s" } }],
    };
    expect(podProblems(pod, "web.pod")).toEqual([]);
  });

  test("names every member that the server would refuse", () => {
    const pod = {
      resources: { limits: { gpu: "1" } },
      nodeSelector: { "a/b/c": "x" },
      labels: { ok: "a b" },
      serviceAccountAnnotations: { "": "x" },
      priorityClassName: "High",
      tolerations: [
        { value: "x", tolerationSeconds: 1 },
        { key: "a", operator: "Exists" as const, value: "x" },
      ],
      topologySpreadConstraints: [
        { topologyKey: " ", maxSkew: 1, whenUnsatisfiable: "DoNotSchedule" as const },
      ],
      env: [{ name: "1A" }],
      extraVolumes: [
        { name: "A", mountPath: "mnt", emptyDir: {} },
        { name: "b", mountPath: "/mnt/../etc", subPath: "../x", configMap: { name: "C" } },
      ],
    };
    const fields = podProblems(pod, "p").map((sentence) => sentence.split(": ")[0]);
    expect(fields).toEqual([
      ...["p.resources.limits.gpu", "p.nodeSelector.a/b/c", "p.labels.ok", "p.serviceAccountAnnotations."],
      ...[
        "p.priorityClassName",
        "p.tolerations[0].key",
        "p.tolerations[0].tolerationSeconds",
        "p.tolerations[1].value",
      ],
      ...["p.topologySpreadConstraints[0].topologyKey", "p.env[0].name"],
      ...["p.extraVolumes[0].name", "p.extraVolumes[0].mountPath"],
      ...["p.extraVolumes[1].mountPath", "p.extraVolumes[1].subPath", "p.extraVolumes[1].configMap.name"],
    ]);
  });
});

describe("podProblems() about places that are taken", () => {
  const own = [{ path: "/etc/app" }, { path: "/var/lib/app", isOpen: true }, { path: "/var/lib/app/tmp" }];
  const at = (...paths: readonly string[]) =>
    podProblems(
      { extraVolumes: paths.map((mountPath, index) => ({ name: `v${index}`, mountPath, emptyDir: {} })) },
      "p",
      own,
    );

  test.each([
    ["/etc/app", "/etc/app is a mount of the operator's own"],
    ["/etc//app/", "/etc/app is a mount of the operator's own"],
    ["/etc/./app", "/etc/app is a mount of the operator's own"],
    ["/etc/app/certs", "lies in /etc/app, a mount of the operator's own"],
    ["/var/lib/app/tmp/x", "lies in /var/lib/app/tmp, a mount of the operator's own"],
    ["/etc", "would hide /etc/app, a mount of the operator's own"],
    ["/var/lib/app", "/var/lib/app is a mount of the operator's own"],
  ])("refuses %s", (path, problem) => {
    expect(at("/mnt/fine", path)).toEqual([`p.extraVolumes[1].mountPath: ${problem}`]);
  });

  test("refuses the place of another entry", () => {
    expect(at("/mnt/a", "/mnt/b", "/mnt/a/")).toEqual([
      "p.extraVolumes[0].mountPath: is also that of another entry",
      "p.extraVolumes[2].mountPath: is also that of another entry",
    ]);
  });

  test("takes what lies beside, or in a folder that is open", () => {
    expect(at("/etc/application", "/var/lib/app/exports", "/var/lib/app/temporary", "/tmp")).toEqual([]);
  });
});

describe("exposeProblems()", () => {
  test.each([
    ["10.0.0.0/8", 0],
    ["2001:db8::/32", 0],
    ["10.0.0/8", 1],
    ["10.0.0.256/8", 1],
    ["10.0.0.0/33", 1],
    ["nonsense", 1],
    ["::1::/8", 1],
  ])("takes %s for an address range or not", (range, problems) => {
    expect(exposeProblems({ type: "LoadBalancer", loadBalancerSourceRanges: [range] }, "e")).toHaveLength(
      problems,
    );
  });

  test.each([
    ["className", { className: "nginx" }, ["Ingress"]],
    ["nodePort", { nodePort: 30080 }, ["NodePort", "LoadBalancer"]],
    ["loadBalancerClass", { loadBalancerClass: "x" }, ["LoadBalancer"]],
    ["loadBalancerSourceRanges", { loadBalancerSourceRanges: ["10.0.0.0/8"] }, ["LoadBalancer"]],
    ["externalTrafficPolicy", { externalTrafficPolicy: "Local" as const }, ["NodePort", "LoadBalancer"]],
    ["gateway", { gateway: { name: "edge" } }, ["Gateway"]],
  ])("says of %s for which types it counts", (field, fields, types) => {
    const all = ["None", "ClusterIP", "NodePort", "LoadBalancer", "Ingress", "Gateway", "Route"] as const;
    for (const type of all)
      expect(exposeProblems({ type, host: "a.example.org", ...fields }, "e")).toEqual(
        types.includes(type)
          ? []
          : [`e.${field}: counts only with type ${types.join(" or ")}, and type is ${type}: remove it`],
      );
  });

  test("wants the host of an Ingress as the server does, in lower case", () => {
    expect(exposeProblems({ type: "Ingress", host: "A.example.org" }, "e")).toEqual([
      "e.host: is no host name in lower case",
    ]);
    expect(exposeProblems({ type: "NodePort", host: "A.example.org" }, "e")).toEqual([]);
    expect(exposeProblems({ type: "NodePort", host: "a..example.org" }, "e")).toHaveLength(1);
  });
});
