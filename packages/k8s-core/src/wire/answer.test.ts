import { describe, expect, test } from "vitest";
import { type AnswerKind, answerOf } from "./answer.ts";

const status = (members: object) => JSON.stringify({ kind: "Status", ...members });
const causes = (...reasons: string[]) => ({
  details: { causes: reasons.map((reason) => ({ reason, field: ".spec.replicas", message: "m" })) },
});

describe("answerOf()", () => {
  test.each<[AnswerKind, number, string]>([
    ["badRequest", 400, status({})],
    ["unauthorized", 401, status({})],
    ["forbidden", 403, status({ message: "not allowed" })],
    ["terminatingNamespace", 403, status(causes("NamespaceTerminating"))],
    ["absent", 404, status({ message: 'secrets "a" not found' })],
    ["notServed", 404, "404 page not found\n"],
    ["notServed", 404, status({ message: "the server could not find the requested resource" })],
    ["ourBug", 415, "unsupported"],
    ["alreadyExists", 409, status({ reason: "AlreadyExists" })],
    ["fieldConflict", 409, status({ reason: "Conflict", ...causes("FieldManagerConflict") })],
    ["conflict", 409, status({ reason: "Conflict" })],
    ["expired", 410, status({})],
    ["tooLarge", 413, "limit is 3145728"],
    ["invalid", 422, status({ reason: "Invalid" })],
    ["overloaded", 429, ""],
    [
      "schemaMismatch",
      500,
      status({
        message:
          "failed to create typed patch object (ns/a; apps/v1, Kind=Deployment): .spec.x: field not declared",
      }),
    ],
    [
      "tooLarge",
      500,
      status({
        message: "rpc error: code = ResourceExhausted desc = trying to send message larger than max",
      }),
    ],
    ["tooLarge", 500, status({ message: "etcdserver: request is too large" })],
    ["transient", 500, status({ message: "etcdserver: leader changed" })],
    ["transient", 503, ""],
    ["futureVersion", 504, status(causes("ResourceVersionTooLarge"))],
    ["transient", 504, ""],
  ])("calls it %s: %i %s", (kind, code, body) => {
    expect(answerOf(code, {}, body).kind).toBe(kind);
  });

  test("keeps the pause that the server asks for", () => {
    expect(answerOf(429, { "retry-after": "2" }, "").retryAfterMs).toBe(2000);
    expect(answerOf(429, { "retry-after": "soon" }, "").retryAfterMs).toBeUndefined();
  });

  test("keeps the fields that the server names", () => {
    expect(answerOf(422, {}, status(causes("FieldValueInvalid"))).causes[0]?.field).toBe(".spec.replicas");
  });
});
