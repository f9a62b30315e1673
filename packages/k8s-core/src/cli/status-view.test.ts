import { describe, expect, test } from "vitest";
import type { LiveObject } from "../model/manifest.ts";
import { scrubbed, secretValues, shareable } from "./scrub.ts";
import { age, columns, statusText } from "./status-view.ts";

const now = Date.parse("2026-01-02T00:00:00Z");
const live = (members: object): LiveObject => ({
  apiVersion: "example.org/v1",
  kind: "Board",
  metadata: {
    name: "a",
    namespace: "b",
    uid: "u",
    resourceVersion: "1",
    generation: 2,
    creationTimestamp: "2026-01-01T00:00:00Z",
  },
  ...members,
});
const plain = (_tone: string, words: string): string => words;

describe("statusText()", () => {
  test("shows a tree with what is waited for, conditions, certificates and events", () => {
    const resource = live({
      status: {
        observedGeneration: 2,
        version: "1.0",
        next: "the database to answer",
        components: [
          { name: "web", desired: 2, ready: 1, updated: 1, waitingFor: "pod web-1: ImagePullBackOff" },
        ],
        conditions: [
          {
            type: "Ready",
            status: "False",
            reason: "DatabaseNotReady",
            message: "Waiting",
            lastTransitionTime: "2026-01-01T23:59:30Z",
          },
        ],
      },
    });
    const certificates = [{ secret: "a-tls", key: "tls.crt", notAfter: "2026-01-31T00:00:00Z" }];
    const events = [
      { time: "2026-01-01T23:00:00Z", type: "Warning", reason: "SecretMissing", note: "Secret x is missing" },
    ];
    expect(statusText({ resource, events, certificates }, now, plain)).toBe(
      [
        "Board a in b, 24h old: not ready yet",
        "Version: 1.0",
        "Waiting for: the database to answer",
        "",
        "Components",
        "  ○  web  1/2 ready, 1 updated  waits for pod web-1: ImagePullBackOff",
        "",
        "Conditions",
        "  Ready  False  30s  DatabaseNotReady: Waiting",
        "",
        "Certificates",
        "  a-tls/tls.crt  valid for 29d",
        "",
        "Last events",
        "  60m  SecretMissing  Secret x is missing",
        "",
      ].join("\n"),
    );
  });

  test("says when the operator has not seen the last change", () => {
    const resource = live({
      status: { observedGeneration: 1, conditions: [{ type: "Ready", status: "True" }] },
    });
    expect(statusText({ resource, events: [], certificates: [] }, now, plain)).toContain(
      "has not seen the last change",
    );
  });
});

test("columns() are as wide as their widest words, without colours", () => {
  expect(
    columns([
      ["a", "b"],
      ["\u001B[32mlonger\u001B[39m", "c"],
    ]),
  ).toEqual(["a       b", "\u001B[32mlonger\u001B[39m  c"]);
});

test("age() has one unit", () => {
  expect([90_000, 600_000, 7_200_000, 864_000_000].map(age)).toEqual(["90s", "10m", "2h", "10d"]);
});

describe("shareable() and scrubbed()", () => {
  const secret: LiveObject = {
    ...live({ data: { password: Buffer.from("canary-value").toString("base64") } }),
    kind: "Secret",
  };

  test("leave no value of a Secret in an object or a log", () => {
    const values = secretValues([secret]);
    const log = `connecting with canary-value, ${Buffer.from("canary-value").toString("base64")}`;
    expect(scrubbed(log, values)).toBe("connecting with ***, ***");
    expect(JSON.stringify(shareable(secret))).not.toContain("Y2FuYXJ5");
    expect(shareable(secret)).toMatchObject({ data: { password: "***" } });
  });

  test("hide literals of the environment and kubectl's copy of the object", () => {
    const pod = live({ spec: { containers: [{ env: [{ name: "A", value: "canary-value" }] }] } });
    const annotated = {
      ...pod,
      metadata: {
        ...pod.metadata,
        annotations: { "kubectl.kubernetes.io/last-applied-configuration": "canary-value" },
      },
    };
    expect(JSON.stringify(shareable(annotated))).not.toContain("canary-value");
  });
});
