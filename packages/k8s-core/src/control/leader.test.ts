import { describe, expect, test } from "vitest";
import { type Fields, fields, parsed } from "../json.ts";
import { json, replay } from "../wire/replay.builders.ts";
import { Leader } from "./leader.ts";

/** A server of one Lease, which refuses an old version as the real one does. */
async function leaseServer() {
  let version = 0;
  let lease: Fields | undefined;
  let hold: Promise<void> | undefined;
  let isHeld: () => void = () => undefined;
  const there = await replay([
    (asked, response) => {
      const answer = (status: number, body: unknown): void => json(status, body)(asked, response);
      const failure = (code: number, reason: string): void =>
        answer(code, { apiVersion: "v1", kind: "Status", status: "Failure", code, reason, message: reason });
      if (asked.method === "GET") return lease === undefined ? failure(404, "NotFound") : answer(200, lease);
      const sent = fields(parsed(asked.body));
      const metadata = fields(sent["metadata"]);
      const known = fields(lease?.["metadata"])["resourceVersion"];
      if (asked.method === "PUT" && metadata["resourceVersion"] !== known) return failure(409, "Conflict");
      version += 1;
      lease = { ...sent, metadata: { ...metadata, uid: "u", resourceVersion: String(version) } };
      const written = lease;
      if (hold === undefined) return answer(200, written);
      isHeld();
      void hold.then(() => answer(200, written));
      return undefined;
    },
  ]);
  return {
    there,
    holder: () => fields(lease?.["spec"])["holderIdentity"],
    /** The next write is done at once and answered late. */
    holdReply: () => {
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => {
        isHeld = resolve;
      });
      hold = new Promise<void>((resolve) => {
        release = () => {
          hold = undefined;
          resolve();
        };
      });
      return { held, release };
    },
    /** Somebody writes it, as `kubectl annotate` does. */
    touch: () => {
      version += 1;
      lease = { ...lease, metadata: { ...fields(lease?.["metadata"]), resourceVersion: String(version) } };
    },
  };
}

const leaderOf = ({ there }: Awaited<ReturnType<typeof leaseServer>>): Leader =>
  new Leader({ client: there.client, namespace: "ns", name: "a-leader", identity: "a_1", retryMs: 10 });

describe("a leader that goes", () => {
  test("gives its Lease back also while a renewal is on its way, and has not lost it", async () => {
    const server = await leaseServer();
    await using _ = server.there;
    const leader = leaderOf(server);
    const stop = new AbortController();
    await leader.acquire(stop.signal);
    const reply = server.holdReply();
    const keeping = leader.keep(stop.signal);
    await reply.held;
    const releasing = leader.release();
    reply.release();
    await releasing;
    expect(server.holder()).toBe("");
    expect(await keeping).toBe("stopped");
    expect(() => leader.fence()).toThrow("does not lead");
  });

  test("gives it back when somebody else wrote it since", async () => {
    const server = await leaseServer();
    await using _ = server.there;
    const leader = leaderOf(server);
    await leader.acquire(new AbortController().signal);
    server.touch();
    await leader.release();
    expect(server.holder()).toBe("");
  });
});
