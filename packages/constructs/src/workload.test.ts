import { describe, expect, test } from "vitest";
import { at, container, manifestsOf, only, web } from "./constructs.builders.ts";
import { configHashAnnotation, type PodTemplate } from "./pod-template.ts";
import { Workload, type WorkloadProps } from "./workload.ts";

const workload = (changes: Partial<WorkloadProps> = {}, pod: Partial<PodTemplate> = {}) =>
  manifestsOf(
    (scope) =>
      new Workload(scope, "web", {
        kind: "Deployment",
        name: "ci-web",
        member: web,
        replicas: 2,
        pod: { containers: [container()], ...pod },
        ...changes,
      }),
  );

const selector = {
  "app.kubernetes.io/name": "zuul",
  "app.kubernetes.io/instance": "ci",
  "app.kubernetes.io/component": "web",
};

describe("Workload", () => {
  test("selects by name, instance and component alone", () => {
    expect(at(only(workload(), "Deployment"), "spec.selector.matchLabels")).toEqual(selector);
  });

  test("gives every pod the restricted profile and no token, whatever the props", () => {
    const pod = at(only(workload(), "Deployment"), "spec.template.spec");
    expect(at(pod, "securityContext")).toEqual({
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(at(pod, "containers.0.securityContext")).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    });
    expect(at(pod, "automountServiceAccountToken")).toBe(false);
    expect(at(pod, "enableServiceLinks")).toBe(false);
    expect(at(pod, "containers.0.volumeMounts")).toEqual([{ mountPath: "/tmp", name: "empty-tmp-web" }]);
  });

  test("leaves the version out of pod labels, so that the label alone restarts nothing", () => {
    const at14 = only(workload(), "Deployment");
    const at15 = only(workload({ member: { ...web, version: "15.0.0" } }), "Deployment");
    expect(at(at15, "spec")).toEqual(at(at14, "spec"));
    expect(at(at15, "metadata.labels")).toMatchObject({ "app.kubernetes.io/version": "15.0.0" });
  });

  test("puts the hash of the configuration on the pods", () => {
    const deployment = only(workload({ configHash: "0a1b" }), "Deployment");
    expect(at(deployment, "spec.template.metadata.annotations")).toEqual({ [configHashAnnotation]: "0a1b" });
  });

  test("says nothing about replicas when an autoscaler owns the number", () => {
    expect(at(only(workload({ replicas: undefined }), "Deployment"), "spec")).not.toHaveProperty("replicas");
  });

  test("has a disruption budget from two replicas on", () => {
    const kinds = (replicas: number | undefined) =>
      workload({ replicas, disruption: { maxUnavailable: 1 } }).map(({ kind }) => kind);
    expect(kinds(1)).toEqual(["Deployment"]);
    expect(kinds(2)).toEqual(["PodDisruptionBudget", "Deployment"]);
    expect(kinds(undefined)).toEqual(["PodDisruptionBudget", "Deployment"]);
  });

  test("emits the claims of a StatefulSet as objects too, because only those can grow", () => {
    const manifests = workload({ kind: "StatefulSet", volumeClaims: [{ name: "data", size: "5Gi" }] });
    const claims = manifests.filter(({ kind }) => kind === "PersistentVolumeClaim");
    expect(claims.map(({ metadata }) => metadata.name)).toEqual(["data-ci-web-0", "data-ci-web-1"]);
    const set = only(manifests, "StatefulSet");
    expect(at(set, "spec.serviceName")).toBe("ci-web");
    expect(at(set, "spec.persistentVolumeClaimRetentionPolicy")).toEqual({
      whenDeleted: "Retain",
      whenScaled: "Retain",
    });
    expect(at(set, "spec.volumeClaimTemplates.0.spec")).toEqual(at(claims[0], "spec"));
  });

  test("has the same annotations on a claim whoever makes it, the StatefulSet's controller included", () => {
    const annotations = { "example.org/of": "data" };
    const volumeClaims = [{ name: "data", size: "5Gi", annotations }];
    const manifests = workload({ kind: "StatefulSet", volumeClaims });
    const claims = manifests.filter(({ kind }) => kind === "PersistentVolumeClaim");
    for (const claim of claims) expect(claim.metadata.annotations).toEqual(annotations);
    expect(at(only(manifests, "StatefulSet"), "spec.volumeClaimTemplates.0.metadata.annotations")).toEqual(
      annotations,
    );
  });

  test("makes a service account without rights when its annotations are asked for", () => {
    const role = { "eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/pulp" };
    const manifests = workload({}, { overrides: { serviceAccountAnnotations: role } });
    expect(only(manifests, "ServiceAccount")).toMatchObject({
      metadata: { name: "ci-web", annotations: role },
      automountServiceAccountToken: false,
    });
    expect(at(only(manifests, "Deployment"), "spec.template.spec.serviceAccountName")).toBe("ci-web");
  });

  test("refuses a StatefulSet name that leaves no room for ordinal and revision", () => {
    expect(() => workload({ kind: "StatefulSet", name: "x".repeat(53) })).toThrow("at most 52");
  });

  test("spreads replicas over nodes if possible, one as well as many, so that scaling changes no template", () => {
    const spread = (replicas: number) =>
      at(only(workload({ replicas }), "Deployment"), "spec.template.spec.topologySpreadConstraints");
    expect(spread(2)).toEqual([
      {
        labelSelector: { matchLabels: selector },
        maxSkew: 1,
        topologyKey: "kubernetes.io/hostname",
        whenUnsatisfiable: "ScheduleAnyway",
      },
    ]);
    expect(spread(1)).toEqual(spread(2));
  });
});
