import { describe, expect, test } from "vitest";
import type { Fault } from "../faults/fault.ts";
import { callOf } from "../proxy/call.ts";
import { install } from "../scenarios/install.ts";
import { plansOf, sampled, type Trace, traceDifferences } from "./plan.ts";

const scenario = install("zuul");
const fault = (name: string, ...hits: Fault["hits"]): Fault => ({ name, group: "error", hits, meaning: "" });
const apply = (path: string) =>
  callOf(
    { method: "PATCH", path, accept: "", contentType: "application/apply-patch+yaml", body: "{}" },
    "one",
  );
const get = (path: string) => callOf({ method: "GET", path, accept: "", contentType: "", body: "" }, "one");
const web = apply("/apis/apps/v1/namespaces/n/deployments/one-web");
const status = apply("/apis/zuul-ci.org/v1alpha1/namespaces/n/zuuls/one/status");
const secrets = ["a", "b"].map((name) => get(`/api/v1/namespaces/n/secrets/${name}`));
const trace = (...calls: readonly (typeof web)[]): Trace => ({
  calls: calls.map((call, index) => ({
    call,
    ordinal: calls.slice(0, index + 1).filter(({ key }) => key === call.key).length,
  })),
  heard: ["watch pods"],
});

describe("plansOf()", () => {
  test("names a plan by all that is needed to run it again", () => {
    const plans = plansOf(scenario, trace(web), [fault("500", "write")]);
    expect(plans.map(({ id }) => id)).toEqual(["zuul/install/500/apply_deployments_@-web#1"]);
  });

  test("tries a fault on each write, on one read of a kind, and on each watch", () => {
    const plans = plansOf(scenario, trace(web, web, ...secrets), [fault("x", "write", "read", "watch")]);
    expect(plans.map(({ key, ordinal }) => `${key}#${ordinal}`)).toEqual([
      "apply deployments @-web#1",
      "apply deployments @-web#2",
      "get secrets a#1",
      "watch pods#1",
    ]);
  });

  test("takes only the first status write", () => {
    const plans = plansOf(scenario, trace(status, status, status), [fault("x", "write")]);
    expect(plans).toHaveLength(1);
  });
});

describe("sampled()", () => {
  test("takes the same plans each time, spread over the trace", () => {
    const plans = plansOf(scenario, trace(web, web, web, web), [fault("x", "write")]);
    const ordinals = sampled(plans, { crash: 0, error: 2, watch: 0, network: 0 }).map(
      ({ ordinal }) => ordinal,
    );
    expect(ordinals).toEqual([1, 3]);
  });
});

describe("traceDifferences()", () => {
  test("sees a write that comes once more, and not how often progress is told", () => {
    expect(traceDifferences(trace(web, status), trace(web, status, status))).toEqual([]);
    expect(traceDifferences(trace(web), trace(web, web))).toEqual(["apply deployments @-web: 1 and 2 times"]);
  });
});
