import { describe, expect, test, vi } from "vitest";
import { kinds } from "../kinds.ts";
import { type Answerer, json, type Replay, replay, stream } from "../wire/replay.builders.ts";
import { Reflector } from "./reflector.ts";
import { Store } from "./store.ts";

const pod = (name: string, resourceVersion: string, uid = name) => ({
  metadata: { name, namespace: "ns", uid, resourceVersion },
});
const event = (type: string, object: object) => ({ type, object });
const synced = (resourceVersion: string) =>
  event("BOOKMARK", { metadata: { resourceVersion, annotations: { "k8s.io/initial-events-end": "true" } } });
const failure = (code: number, members: object = {}) => json(code, { kind: "Status", code, ...members });

/** Runs a reflector against these answers until the store has what is expected. */
async function follow(answers: readonly Answerer[], isDone: (store: Store, server: Replay) => boolean) {
  await using server = await replay(answers);
  const stop = new AbortController();
  const store = new Store();
  const told: string[] = [];
  const reflector = new Reflector({
    client: server.client,
    kind: kinds.Pod,
    namespace: "ns",
    selection: {},
    store,
    trim: (object) => ({ object }),
    onChange: (change) => told.push(`${change.old?.metadata.uid ?? "-"}→${change.new?.metadata.uid ?? "-"}`),
    random: () => 0,
  });
  const running = reflector.run(stop.signal);
  await vi.waitUntil(() => isDone(store, server), { timeout: 60_000, interval: 5 });
  stop.abort();
  await running;
  return {
    told,
    status: reflector.status,
    asked: server.asked.map(({ url }) => Object.fromEntries(url.searchParams)),
  };
}

describe("Reflector", () => {
  test("streams what is there, and resumes from the last bookmark after a cut", async () => {
    const { asked, told } = await follow(
      [
        stream(
          [
            event("ADDED", pod("a", "1")),
            synced("5"),
            event("BOOKMARK", { metadata: { resourceVersion: "7" } }),
          ],
          "cut",
        ),
        stream([event("ADDED", pod("b", "8"))], "open"),
      ],
      (store) => store.size === 2,
    );
    expect(asked[0]).toMatchObject({ sendInitialEvents: "true" });
    expect(asked[1]).toMatchObject({ resourceVersion: "7" });
    expect(told).toEqual(["-→a", "-→b"]);
  });

  test("begins anew on 410, and tells what went meanwhile", async () => {
    const { told } = await follow(
      [
        stream([event("ADDED", pod("a", "1")), event("ADDED", pod("b", "2")), synced("5")]),
        stream([event("ERROR", { kind: "Status", code: 410 })]),
        stream([event("ADDED", pod("b", "2")), synced("9")], "open"),
      ],
      (store) => store.size === 1,
    );
    expect(told).toEqual(["-→a", "-→b", "a→-"]);
  });

  test("takes another uid under the same name for a deletion and a creation", async () => {
    const { told } = await follow(
      [
        stream(
          [event("ADDED", pod("a", "1", "old")), synced("5"), event("MODIFIED", pod("a", "6", "new"))],
          "open",
        ),
      ],
      (store) => store.get("ns", "a")?.metadata.uid === "new",
    );
    expect(told).toEqual(["-→old", "old→-", "-→new"]);
  });

  test("lists where the server cannot stream", async () => {
    const { asked } = await follow(
      [
        failure(422, { reason: "Invalid" }),
        json(200, { metadata: { resourceVersion: "3" }, items: [pod("a", "1")] }),
        stream([event("ADDED", pod("b", "4"))], "open"),
      ],
      (store) => store.size === 2,
    );
    expect(asked[1]).toMatchObject({ limit: "500" });
    expect(asked[2]).toMatchObject({ watch: "1", resourceVersion: "3" });
  });

  test("lists anew after a line that it could not read", async () => {
    const { asked } = await follow(
      [stream([event("ADDED", pod("a", "1")), synced("5"), "{broken"]), stream([synced("6")], "open")],
      (_store, { asked: all }) => all.length === 2,
    );
    expect(asked[1]).toMatchObject({ sendInitialEvents: "true" });
  });

  test("survives 503, 429 and a reset, and asks again", async () => {
    const { status } = await follow(
      [
        failure(503),
        failure(429),
        (_asked, response) => void response.destroy(),
        stream([event("ADDED", pod("a", "1")), synced("5")], "open"),
      ],
      (store) => store.size === 1,
    );
    expect(status).toBe("synced");
  });

  test("says that the kind is missing, or forbidden, and goes on asking", async () => {
    const missing = await follow(
      [(_asked, response) => void response.writeHead(404).end("404 page not found\n")],
      (_store, { asked }) => asked.length === 1,
    );
    expect(["starting", "missing"]).toContain(missing.status);
    const { status } = await follow(
      [failure(403), stream([synced("1")], "open")],
      (_store, { asked }) => asked.length === 2,
    );
    expect(["forbidden", "synced"]).toContain(status);
  });

  test("counts what the server has and the store was never told", async () => {
    const present = json(200, { metadata: { resourceVersion: "9" }, items: [pod("a", "1"), pod("b", "8")] });
    await using server = await replay([
      stream([event("ADDED", pod("a", "1")), synced("5")], "open"),
      present,
      present,
    ]);
    const stop = new AbortController();
    const reflector = new Reflector({
      client: server.client,
      kind: kinds.Pod,
      namespace: "ns",
      selection: {},
      store: new Store(),
      trim: (object) => ({ object }),
      onChange: () => undefined,
    });
    const running = reflector.run(stop.signal);
    await reflector.settled(stop.signal);
    const missed = await reflector.missed(5, stop.signal);
    stop.abort();
    await running;
    expect(missed).toBe(1);
  });
});
