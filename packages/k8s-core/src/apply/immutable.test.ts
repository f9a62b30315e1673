import { describe, expect, test } from "vitest";
import type { LiveObject, Manifest } from "../model/manifest.ts";
import { type Answer, ApiError } from "../wire/answer.ts";
import { bytes, isClaimToGrow, recreationFor, refusedGrowth } from "./immutable.ts";

const invalid = (message: string, field = "spec"): Answer => ({
  kind: "invalid",
  status: 422,
  message,
  causes: [{ reason: "x", field, message: "m" }],
});
const manifest = (kind: string, spec: object): Manifest => ({
  apiVersion: "v1",
  kind,
  metadata: { name: "a" },
  spec,
});
const live = (kind: string, spec: object, status: object = {}): LiveObject => ({
  apiVersion: "v1",
  kind,
  metadata: { name: "a", uid: "u", resourceVersion: "1" },
  spec,
  status,
});

describe("recreationFor()", () => {
  test("orphans the pods of a StatefulSet whose claims changed", () => {
    const answer = invalid(
      "StatefulSet is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas'",
    );
    expect(recreationFor(manifest("StatefulSet", {}), live("StatefulSet", {}), answer)).toBe("orphan");
  });

  test("replaces a Service only for its switch to or from headless", () => {
    const answer = invalid("may not change once set", "spec.clusterIPs[0]");
    expect(
      recreationFor(
        manifest("Service", { clusterIP: "None" }),
        live("Service", { clusterIP: "10.0.0.1" }),
        answer,
      ),
    ).toBe("replace");
    expect(recreationFor(manifest("Service", {}), live("Service", { clusterIP: "10.0.0.1" }), answer)).toBe(
      "refuse",
    );
  });

  test("lets a Job succeed one with another template, and not for a template that is refused anyway", () => {
    const cause = (field: string, message: string) => ({ reason: "FieldValueInvalid", field, message });
    const immutable = cause("spec.template", "Invalid value: …: field is immutable");
    const answer = (...causes: (typeof immutable)[]): Answer => ({ ...invalid("Job is invalid"), causes });
    const recreation = (...causes: (typeof immutable)[]) =>
      recreationFor(manifest("Job", {}), live("Job", {}), answer(...causes));
    expect(recreation(immutable)).toBe("succeed");
    expect(recreation(immutable, cause("spec.template.spec.containers[0].image", "Required value"))).toBe(
      "refuse",
    );
    expect(recreation()).toBe("refuse");
  });

  test.each(["Deployment", "PersistentVolumeClaim", "Secret", "Job", "StatefulSet"])(
    "refuses to recreate a %s for any other reason",
    (kind) => {
      expect(recreationFor(manifest(kind, {}), live(kind, {}), invalid("field is immutable"))).toBe("refuse");
    },
  );
});

describe("isClaimToGrow()", () => {
  const claim = (storage: string) => ({ resources: { requests: { storage } } });
  const bound = live("PersistentVolumeClaim", claim("10Gi"), { phase: "Bound" });

  test("grows a bound claim, and never shrinks one", () => {
    expect(isClaimToGrow(manifest("PersistentVolumeClaim", claim("11Gi")), bound)).toBe(true);
    expect(isClaimToGrow(manifest("PersistentVolumeClaim", claim("10240Mi")), bound)).toBe(false);
    expect(isClaimToGrow(manifest("PersistentVolumeClaim", claim("1Gi")), bound)).toBe(false);
  });

  test("leaves a claim alone that is not bound yet", () => {
    expect(
      isClaimToGrow(
        manifest("PersistentVolumeClaim", claim("11Gi")),
        live("PersistentVolumeClaim", claim("10Gi")),
      ),
    ).toBe(false);
  });
});

describe("refusedGrowth()", () => {
  const claim = (storage: string) => ({ resources: { requests: { storage } } });
  const grown = (error: unknown) =>
    refusedGrowth(
      manifest("PersistentVolumeClaim", claim("11Gi")),
      live("PersistentVolumeClaim", claim("10Gi")),
      error,
    );
  const forbidden = (message: string) =>
    new ApiError("patch", { kind: "forbidden", status: 403, message, causes: [] });

  test("tells a class that cannot grow volumes from a missing right", () => {
    expect(
      grown(forbidden('claims "a" is forbidden: only dynamically provisioned pvc can be resized')),
    ).toEqual(
      expect.objectContaining({
        reason: "GrowthRefused",
        message: expect.stringContaining("claim a from 10Gi to 11Gi: its storage class does not allow it"),
      }),
    );
    expect(grown(forbidden('User "x" cannot patch resource'))).toBeUndefined();
  });
});

describe("bytes()", () => {
  test("reads binary, decimal and bare quantities", () => {
    expect([bytes("1Gi"), bytes("1G"), bytes("1024"), bytes("1.5Ki"), bytes("1e3"), bytes("1X")]).toEqual([
      2 ** 30,
      1e9,
      1024,
      1536,
      1000,
      undefined,
    ]);
  });
});
