import { describe, expect, test } from "vitest";
import type { Json, LiveObject } from "../model/manifest.ts";
import { ownedPaths, ownHash } from "./own-fields.ts";

const trie = {
  "f:metadata": { "f:labels": { "f:app": {} } },
  "f:spec": {
    "f:finalizers": { 'v:"a"': {} },
    "f:template": { "f:containers": { 'k:{"name":"web"}': { ".": {}, "f:image": {}, "f:name": {} } } },
  },
};

function deployment(
  change: { image?: string; sidecar?: boolean; replicas?: number; label?: string; fieldsV1?: Json } = {},
): LiveObject {
  const { image = "a:1", sidecar = false, replicas = 1, label = "x", fieldsV1 = trie } = change;
  const containers = [
    ...(sidecar ? [{ name: "mesh", image: "m" }] : []),
    { name: "web", image, imagePullPolicy: "Always" },
  ];
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      name: "a",
      uid: "u",
      resourceVersion: "1",
      labels: { app: label, other: "y" },
      managedFields: [{ manager: "op", operation: "Apply", fieldsV1 }],
    },
    spec: { replicas, finalizers: ["a"], template: { containers } },
  };
}

describe("ownHash()", () => {
  const before = ownHash(deployment(), "op");

  test("does not move when fields of others move", () => {
    expect(ownHash(deployment({ sidecar: true, replicas: 7 }), "op")).toBe(before);
  });

  test("moves when a field of ours moves, in a list or in a map", () => {
    expect(ownHash(deployment({ image: "a:2" }), "op")).not.toBe(before);
    expect(ownHash(deployment({ label: "z" }), "op")).not.toBe(before);
  });

  test("moves when we lost a field, even if its value is what we wanted", () => {
    expect(ownHash(deployment({ fieldsV1: { "f:metadata": trie["f:metadata"] } }), "op")).not.toBe(before);
  });

  test("is absent where we never applied", () => {
    expect(ownHash(deployment(), "somebody")).toBeUndefined();
  });
});

describe("ownedPaths()", () => {
  test("reads as a person writes paths", () => {
    expect(ownedPaths(trie)).toEqual([
      ".metadata.labels.app",
      '.spec.finalizers["a"]',
      ".spec.template.containers[name=web].image",
      ".spec.template.containers[name=web].name",
    ]);
  });
});
