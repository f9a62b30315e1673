/** The engine, seen from the API server: what the example operator does, and what it leaves alone. */
import { kinds } from "@zuul-pulp/k8s-core";
import type { Manifest } from "@zuul-pulp/k8s-core/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { auditMark, auditSince, boards, isReady, type Lab, openLab, person, until, writesOf } from "./harness.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 300_000);
afterAll(async () => await lab[Symbol.asyncDispose]());

function board(name: string, spec: object): Manifest {
  return { apiVersion: boards.apiVersion, kind: "Board", metadata: { name }, spec: { text: "hello", replicas: 1, ...spec } };
}

describe("an operator", () => {
  test("installs with one write per child and few requests, then writes nothing", async () => {
    const room = await lab.room("install");
    const operator = await room.operator();
    const mark = await auditMark(lab.cluster);
    await lab.admin.apply(boards, room.namespace, board("a", {}), person);
    await until(lab.admin, boards, room.namespace, "a", isReady);
    const writes = writesOf(await auditSince(lab.cluster, mark, room.namespace));
    const ofChildren = writes.filter(({ resource }) => ["configmaps", "deployments", "services"].includes(resource));
    expect(ofChildren.map(({ resource }) => resource).sort()).toEqual(["configmaps", "deployments", "services"]);
    expect(await operator.end()).toBe(0);
  });
});
