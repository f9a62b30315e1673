import { describe, expect, test } from "vitest";
import type { LiveObject } from "../model/manifest.ts";
import { Store } from "./store.ts";

function object(
  resourceVersion: string,
  { name = "a", uid = "u", owner }: { name?: string; uid?: string; owner?: string } = {},
): LiveObject {
  const ownerReferences =
    owner === undefined ? [] : [{ apiVersion: "v1", kind: "K", name: "o", uid: owner, controller: true }];
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name,
      namespace: "ns",
      uid,
      resourceVersion,
      ownerReferences,
      labels: { "app.kubernetes.io/instance": "o" },
    },
  };
}
const versionOf = (store: Store) => store.get("ns", "a")?.metadata.resourceVersion;
const write = async (store: Store, version: string, meanwhile: () => void = () => undefined) =>
  await store.write("ns", "a", async () => {
    meanwhile();
    return { trimmed: { object: object(version) }, result: version };
  });

describe("Store", () => {
  test("finds objects by owner and by instance, and no longer when they go", () => {
    const store = new Store();
    store.seen({ object: object("1", { owner: "x" }) });
    expect(store.ownedBy("x")).toHaveLength(1);
    expect(store.ofInstance("ns", "o")).toHaveLength(1);
    store.gone(object("2", { owner: "x" }));
    expect(store.ownedBy("x")).toEqual([]);
    expect(store.ofInstance("ns", "o")).toEqual([]);
  });

  test("shows a write of ours at once, and no event that is older", async () => {
    const store = new Store();
    store.seen({ object: object("1") });
    await write(store, "3");
    expect(versionOf(store)).toBe("3");
    expect(store.seen({ object: object("2") })).toBeUndefined();
    expect(versionOf(store)).toBe("3");
  });

  test("tells nobody of the echo of our own write, and everybody of what comes after", async () => {
    const store = new Store();
    await write(store, "3");
    expect(store.seen({ object: object("3") })).toBeUndefined();
    expect(store.seen({ object: object("4") })?.new?.metadata.resourceVersion).toBe("4");
  });

  test("takes a later state though the echo of our own write never came, as after a cut and a relist", async () => {
    const store = new Store();
    store.seen({ object: object("9") });
    await write(store, "10");
    expect(store.seen({ object: object("11") })?.new?.metadata.resourceVersion).toBe("11");
  });

  test("drops after a relist what we wrote before it, and keeps what we wrote since", async () => {
    const store = new Store();
    await write(store, "10");
    expect(store.retain(new Set(), "9")).toEqual([]);
    expect(store.retain(new Set(), "10").map(({ old }) => old?.metadata.name)).toEqual(["a"]);
  });

  test("does not go back when the watch was faster than the answer", async () => {
    const store = new Store();
    await write(store, "3", () => {
      store.seen({ object: object("3") });
      store.seen({ object: object("4") });
    });
    expect(versionOf(store)).toBe("4");
    expect(store.seen({ object: object("5") })?.new).toBeDefined();
  });

  test("ignores the deletion of an object that had the name before", () => {
    const store = new Store();
    store.seen({ object: object("9", { uid: "new" }) });
    expect(store.gone(object("8", { uid: "old" }))).toBeUndefined();
    expect(versionOf(store)).toBe("9");
  });

  test("drops after a relist what is not there any more", () => {
    const store = new Store();
    store.seen({ object: object("1") });
    store.seen({ object: object("1", { name: "b", uid: "v" }) });
    expect(store.retain(new Set(["ns/b"])).map(({ old }) => old?.metadata.name)).toEqual(["a"]);
    expect(store.size).toBe(1);
  });
});
