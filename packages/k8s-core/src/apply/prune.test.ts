import { describe, expect, test } from "vitest";
import { type LiveObject, objectId, refOf } from "../model/manifest.ts";
import { type PruneProps, unwanted } from "./prune.ts";

function child(
  kind: string,
  name: string,
  { owner = "u", partOf = "board", retain = false, managedBy = "op" } = {},
): LiveObject {
  const labels = { "app.kubernetes.io/managed-by": managedBy, "app.kubernetes.io/part-of": partOf };
  const ownerReferences =
    owner === "" ? [] : [{ apiVersion: "x/v1", kind: "Board", name: "a", uid: owner, controller: true }];
  const annotations = retain ? { "operators.zuul-pulp.io/retain": "true" } : {};
  return {
    apiVersion: "v1",
    kind,
    metadata: { name, uid: name, resourceVersion: "1", labels, ownerReferences, annotations },
  };
}
const wanted = child("Service", "wanted");
function namesOf(members: readonly LiveObject[], changed: Partial<PruneProps> = {}): readonly string[] {
  const props = {
    members: [wanted, ...members],
    desired: new Set([objectId(refOf(wanted))]),
    used: new Set<never>(),
    deletionPolicy: "Retain" as const,
    fieldManager: "op",
    partOf: "board",
    ownerUid: "u",
  };
  return unwanted({ ...props, ...changed }).map(({ metadata }) => metadata.name);
}

describe("unwanted()", () => {
  test("is what we own and no longer want, traffic before workloads before what they mount", () => {
    expect(namesOf([child("ConfigMap", "c"), child("Deployment", "d"), child("Ingress", "i")])).toEqual([
      "i",
      "d",
      "c",
    ]);
  });

  test("is nothing when the plan wants nothing", () => {
    expect(namesOf([child("ConfigMap", "c")], { desired: new Set() })).toEqual([]);
  });

  test("leaves objects of others, of other resources, and those that this pass read", () => {
    const read = child("Secret", "read");
    expect(
      namesOf(
        [child("ConfigMap", "c", { managedBy: "helm" }), child("ConfigMap", "e", { owner: "v" }), read],
        { used: new Set([objectId(refOf(read))]) },
      ),
    ).toEqual([]);
  });

  test("leaves what holds data, unless the policy says Delete", () => {
    const members = [
      child("PersistentVolumeClaim", "claim", { owner: "" }),
      child("Secret", "key", { owner: "", retain: true }),
    ];
    expect(namesOf(members)).toEqual([]);
    expect(namesOf(members, { deletionPolicy: "Delete" })).toEqual(["key", "claim"]);
  });

  test("never takes ownerless objects of another controller with the same instance name", () => {
    expect(
      namesOf([child("PersistentVolumeClaim", "claim", { owner: "", partOf: "backup" })], {
        deletionPolicy: "Delete",
      }),
    ).toEqual([]);
  });
});
