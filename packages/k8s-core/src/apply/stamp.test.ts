import { describe, expect, test } from "vitest";
import type { LiveObject, Manifest, OwnerReference } from "../model/manifest.ts";
import { adoptAnnotation, belongingOf, besideItsOwner, ownerOf, stamped } from "./stamp.ts";

const board = (annotations: Record<string, string> = {}): LiveObject => ({
  apiVersion: "x/v1",
  kind: "Board",
  metadata: { name: "a", uid: "u", resourceVersion: "1", annotations },
});
const props = {
  namespace: "ns",
  fieldManager: "op",
  instance: "a",
  deletionPolicy: "Retain" as const,
  owner: ownerOf(board()),
};
const manifest = (kind: string): Manifest => ({ apiVersion: "v1", kind, metadata: { name: "c" } });

function child(owner?: Partial<OwnerReference>, labels: Record<string, string> = {}): LiveObject {
  const reference = { apiVersion: "x/v1", kind: "Board", name: "a", uid: "u", controller: true, ...owner };
  const ownerReferences = owner === undefined ? [] : [reference];
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "c", uid: "v", resourceVersion: "1", labels, ownerReferences },
  };
}

describe("stamped()", () => {
  test("gives every object its namespace, its labels and its owner", () => {
    expect(stamped(manifest("ConfigMap"), props).metadata).toMatchObject({
      namespace: "ns",
      labels: { "app.kubernetes.io/managed-by": "op", "app.kubernetes.io/instance": "a" },
      ownerReferences: [{ uid: "u", controller: true }],
    });
  });

  test("gives no owner to what holds data, unless the policy says Delete", () => {
    const claim = manifest("PersistentVolumeClaim");
    expect(stamped(claim, props).metadata.ownerReferences).toBeUndefined();
    expect(stamped(claim, { ...props, deletionPolicy: "Delete" }).metadata.ownerReferences).toHaveLength(1);
  });

  test("never takes an owner from a manifest", () => {
    const forged = { ...manifest("ConfigMap"), metadata: { name: "c", ownerReferences: [ownerOf(board())] } };
    const { owner: _owner, ...offline } = props;
    expect(stamped(forged, offline).metadata.ownerReferences).toBeUndefined();
  });
});

describe("belongingOf()", () => {
  test("knows what is ours by owner, and what was kept by labels", () => {
    const kept = { "app.kubernetes.io/managed-by": "op", "app.kubernetes.io/instance": "a" };
    expect(belongingOf(child({}), board(), "op").kind).toBe("ours");
    expect(belongingOf(child(undefined, kept), board(), "op").kind).toBe("ours");
  });

  test("waits for the leftovers of a namesake", () => {
    expect(belongingOf(child({ uid: "former" }), board(), "op").kind).toBe("leftover");
  });

  test("names whose it is, labels or not", () => {
    const forged = { "app.kubernetes.io/managed-by": "op", "app.kubernetes.io/instance": "a" };
    expect(belongingOf(child({ uid: "w", name: "b" }, forged), board(), "op")).toEqual({
      kind: "foreign",
      holder: 'Board "b"',
    });
    expect(belongingOf(child(), board(), "op").kind).toBe("foreign");
  });

  test("keeps a claim that its StatefulSet was told to take with it, and names no second controller", () => {
    const labels = { "app.kubernetes.io/managed-by": "op", "app.kubernetes.io/instance": "a" };
    const owner = { apiVersion: "apps/v1", kind: "StatefulSet", name: "a-db", uid: "s" };
    const claim = { ...child(owner, labels), kind: "PersistentVolumeClaim" };
    expect(belongingOf(claim, board(), "op").kind).toBe("ours");
    expect(belongingOf({ ...claim, metadata: { ...claim.metadata, labels: {} } }, board(), "op").kind).toBe(
      "foreign",
    );
    const wanted = stamped(manifest("PersistentVolumeClaim"), { ...props, deletionPolicy: "Delete" });
    expect(wanted.metadata.ownerReferences).toHaveLength(1);
    expect(besideItsOwner(wanted, claim).metadata.ownerReferences).toBeUndefined();
    expect(besideItsOwner(wanted, child({}))).toBe(wanted);
  });

  test("takes over what is handed over to this resource, and nothing that the resource merely asks for", () => {
    const given = (to: string): LiveObject => {
      const object = child();
      return { ...object, metadata: { ...object.metadata, annotations: { [adoptAnnotation]: to } } };
    };
    expect(belongingOf(given("Board/a"), board(), "op").kind).toBe("adopted");
    expect(belongingOf(given("Board/b"), board(), "op").kind).toBe("foreign");
    expect(belongingOf(child(), board({ [adoptAnnotation]: "Board/a" }), "op").kind).toBe("foreign");
  });
});
