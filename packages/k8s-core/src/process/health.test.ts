import { describe, expect, test, vi } from "vitest";
import { Reflector } from "../cache/reflector.ts";
import { Store } from "../cache/store.ts";
import { kinds } from "../kinds.ts";
import { replay, stream } from "../wire/replay.builders.ts";
import { isInTouch } from "./health.ts";

const bookmark = (annotations: object) => ({
  type: "BOOKMARK",
  object: { metadata: { resourceVersion: "5", annotations } },
});
const synced = bookmark({ "k8s.io/initial-events-end": "true" });

describe("isInTouch()", () => {
  test("is not before the first answer, nor after a minute in which no watch heard anything", async () => {
    let nowMs = 0;
    let say: (line: object) => void = () => undefined;
    await using server = await replay([
      (asked, response) => {
        say = (line) => response.write(`${JSON.stringify(line)}\n`);
        stream([synced], "open")(asked, response);
      },
    ]);
    const reflector = () =>
      new Reflector({
        client: server.client,
        kind: kinds.Pod,
        namespace: "ns",
        selection: {},
        store: new Store(),
        trim: (object) => ({ object }),
        onChange: () => undefined,
        clock: () => nowMs,
      });
    const stop = new AbortController();
    const heard = reflector();
    expect(isInTouch([heard])).toBe(false);
    const running = heard.run(stop.signal);
    await heard.settled(stop.signal);
    expect(isInTouch([heard])).toBe(true);
    expect(isInTouch([heard, reflector()])).toBe(false);

    nowMs = 61_000;
    expect(isInTouch([heard])).toBe(true);
    nowMs = 66_000;
    expect(isInTouch([heard])).toBe(false);
    expect(isInTouch([heard, { status: "synced", silentMs: 10 }])).toBe(true);

    say(bookmark({}));
    await vi.waitUntil(() => heard.silentMs === 0, { timeout: 60_000, interval: 5 });
    expect(isInTouch([heard])).toBe(true);
    stop.abort();
    await running;
  });
});
