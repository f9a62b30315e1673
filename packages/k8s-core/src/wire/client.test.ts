import type { ServerResponse } from "node:http";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { kinds } from "../kinds.ts";
import { ApiError } from "./answer.ts";
import { lines } from "./client.ts";
import { json, replay, stream } from "./replay.builders.ts";

const secret = { metadata: { name: "a", namespace: "ns", uid: "u", resourceVersion: "1" } };
const status = (code: number, members: object = {}) => json(code, { kind: "Status", code, ...members });
const manifest = { apiVersion: "v1", kind: "Secret", metadata: { name: "a" } };
const op = { fieldManager: "op" };

describe("Client", () => {
  test("reads its token again after a 401, once, and repeats the request", async () => {
    await using server = await replay([status(401), json(200, secret)], ["old", "new"]);
    expect((await server.client.get(kinds.Secret, "ns", "a"))?.metadata.uid).toBe("u");
    expect(server.asked.map(({ authorization }) => authorization)).toEqual(["Bearer old", "Bearer new"]);
  });

  test("gives up when the new token is refused too", async () => {
    await using server = await replay([status(401)], ["old", "new"]);
    await expect(server.client.get(kinds.Secret, "ns", "a")).rejects.toMatchObject({
      answer: { kind: "unauthorized" },
    });
    expect(server.asked).toHaveLength(2);
  });

  test("repeats an apply after a 503, but not a create", async () => {
    await using server = await replay([status(503), json(201, secret), status(503)]);
    expect((await server.client.apply(kinds.Secret, "ns", manifest, op)).isCreated).toBe(true);
    await expect(server.client.create(kinds.Secret, "ns", manifest, op)).rejects.toMatchObject({
      answer: { kind: "transient" },
    });
    expect(server.asked.map(({ method }) => method)).toEqual(["PATCH", "PATCH", "POST"]);
  });

  test("never repeats an apply that does not fit the schema, though it is a 500", async () => {
    await using server = await replay([
      status(500, { message: "failed to create typed patch object (x): field not declared" }),
    ]);
    await expect(server.client.apply(kinds.Secret, "ns", manifest, op)).rejects.toMatchObject({
      answer: { kind: "schemaMismatch" },
    });
    expect(server.asked).toHaveLength(1);
  });

  test("repeats what met an overloaded server", async () => {
    await using server = await replay([json(429, {}, { "retry-after": "0" }), json(200, secret)]);
    expect(await server.client.get(kinds.Secret, "ns", "a")).toBeDefined();
  });

  test("takes an absent object for nothing, and an absent kind for an error", async () => {
    await using server = await replay([
      status(404, { message: 'secrets "a" not found' }),
      (_asked, response) => void response.writeHead(404).end("404 page not found\n"),
    ]);
    expect(await server.client.get(kinds.Secret, "ns", "a")).toBeUndefined();
    await expect(server.client.get(kinds.Secret, "ns", "a")).rejects.toMatchObject({
      answer: { kind: "notServed" },
    });
  });

  test("says on each write who it is and that unknown fields are refused", async () => {
    await using server = await replay([json(200, secret)]);
    await server.client.apply(kinds.Secret, "ns", manifest, { ...op, dryRun: true });
    expect(Object.fromEntries(server.asked[0]?.url.searchParams ?? [])).toEqual({
      fieldManager: "op",
      fieldValidation: "Strict",
      dryRun: "All",
      force: "true",
    });
  });

  test("deletes only the object that was meant", async () => {
    await using server = await replay([status(200)]);
    await server.client.delete(kinds.Secret, "ns", { name: "a", uid: "u" });
    expect(JSON.parse(server.asked[0]?.body ?? "")).toMatchObject({
      propagationPolicy: "Background",
      preconditions: { uid: "u" },
    });
    await expect(server.client.delete(kinds.Secret, "ns", { name: "a", uid: "" })).rejects.toThrow(
      "without uid",
    );
  });

  test("asks the fence before each write, and not before a read", async () => {
    await using server = await replay([json(200, secret)]);
    const fenced = server.client.as({
      fence: () => {
        throw new Error("not leading");
      },
    });
    await expect(fenced.apply(kinds.Secret, "ns", manifest, op)).rejects.toThrow("not leading");
    expect(await fenced.get(kinds.Secret, "ns", "a")).toBeDefined();
    expect(server.asked.map(({ method }) => method)).toEqual(["GET"]);
  });

  test("follows the pages of a list, and starts over when one is too old", async () => {
    const page = (name: string, next: string) =>
      json(200, {
        metadata: { resourceVersion: "9", continue: next },
        items: [{ metadata: { ...secret.metadata, name } }],
      });
    await using server = await replay([page("a", "next"), status(410), page("a", "again"), page("b", "")]);
    const { items, resourceVersion } = await server.client.list(kinds.Secret, "ns");
    expect(items.map(({ metadata, kind }) => `${kind} ${metadata.name}`)).toEqual(["Secret a", "Secret b"]);
    expect(resourceVersion).toBe("9");
  });

  test("never puts a body or a token into an error", async () => {
    await using server = await replay([status(422, { message: "no" })], ["hunter2"]);
    const failure = await server.client
      .apply(kinds.Secret, "ns", { ...manifest, data: { key: "hunter3" } }, op)
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApiError);
    expect(JSON.stringify(failure) + String(failure)).not.toMatch(/hunter/);
  });

  test("takes an answer that was spoilt on the way for none, and quotes nothing of it", async () => {
    const spoilt = (_asked: unknown, response: ServerResponse) =>
      void response.writeHead(200).end('{"data":{"password":"hunter2"<html>');
    await using server = await replay([spoilt]);
    const failure = await server.client.get(kinds.Secret, "ns", "a").catch((error: unknown) => error);
    expect(failure).toMatchObject({ answer: { kind: "network" } });
    expect(inspect(failure, { depth: 9 })).not.toMatch(/hunter/);
  });

  test("says of a line that is no JSON that it is broken", async () => {
    await using server = await replay([stream([{ type: "ADDED", object: secret }, "{not json"])]);
    const types: string[] = [];
    for await (const event of server.client.watch(kinds.Secret, "ns", { timeoutSeconds: 1 }))
      types.push(event.type);
    expect(types).toEqual(["ADDED", "BROKEN"]);
  });
});

describe("lines()", () => {
  test("keeps a character whole that was cut in two", async () => {
    const bytes = Buffer.from('{"a":"ä"}\n{"b":1}\n');
    const chunks = Array.from(bytes, (_byte, index) => bytes.subarray(index, index + 1));
    const found: string[] = [];
    for await (const line of lines(ReadableStream.from(chunks))) found.push(line);
    expect(found).toEqual(['{"a":"ä"}', '{"b":1}']);
  });
});
