import { describe, expect, test } from "vitest";
import { callOf, maskedName, type RawCall } from "./call.ts";

const raw = (members: Partial<RawCall>): RawCall => ({
  method: "GET",
  path: "/api/v1/namespaces/n/secrets",
  accept: "application/json",
  contentType: "",
  body: "",
  ...members,
});

describe("callOf()", () => {
  test("tells an apply from its dry run", () => {
    const path = "/apis/apps/v1/namespaces/n/deployments/one-web?fieldManager=x";
    const apply = { method: "PATCH", contentType: "application/apply-patch+yaml", body: "{}" };
    expect(callOf(raw({ ...apply, path }), "one").key).toBe("apply deployments @-web");
    expect(callOf(raw({ ...apply, path: `${path}&dryRun=All` }), "one").key).toBe(
      "dry-run deployments @-web",
    );
  });

  test("names a subresource", () => {
    const path = "/apis/zuul-ci.org/v1alpha1/namespaces/n/zuuls/one/status";
    const patch = raw({ method: "PATCH", contentType: "application/apply-patch+yaml", path, body: "{}" });
    expect(callOf(patch, "one").key).toBe("apply zuuls/status @");
  });

  test("takes the name of a new object from its body, and the reason of an event", () => {
    const create = {
      method: "POST",
      body: JSON.stringify({ metadata: { name: "one-ca" }, reason: "Applied" }),
    };
    expect(callOf(raw(create), "one").key).toBe("create secrets @-ca");
    const events = "/apis/events.k8s.io/v1/namespaces/n/events";
    expect(callOf(raw({ ...create, path: events }), "one").key).toBe("create events Applied");
  });

  test("tells a watch of names from a watch of values", () => {
    const path = "/api/v1/namespaces/n/secrets?watch=1";
    expect(callOf(raw({ path }), "one").key).toBe("watch secrets");
    const accept = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
    expect(callOf(raw({ path, accept }), "one").key).toBe("watch secrets+names");
  });
});

describe("maskedName()", () => {
  test("hides the resource and a hash at the end, and nothing else", () => {
    expect(maskedName("one-migrate-0a1b2c3d4e", "one")).toBe("@-migrate-#");
    expect(maskedName("data-one-zookeeper-0", "one")).toBe("data-@-zookeeper-0");
    expect(maskedName("onemore", "one")).toBe("onemore");
    expect(maskedName("", "one")).toBe("");
  });
});
