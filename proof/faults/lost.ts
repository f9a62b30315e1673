/** The server acted and the answer is lost, late, or the request arrives twice. */
import type { Fault } from "./fault.ts";

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const faults: readonly Fault[] = [
  {
    name: "lost-reply",
    group: "error",
    hits: ["write", "read"],
    meaning: "the server acted, the stream is reset before the answer",
    request: async (exchange) => {
      await exchange.forward();
      exchange.drop();
    },
  },
  {
    name: "garbled",
    group: "error",
    hits: ["write", "read"],
    meaning: "the server acted, and something on the way spoils its answer",
    request: async (exchange) => {
      const answer = await exchange.forward();
      const half = Math.floor(answer.body.length / 2);
      exchange.reply({
        ...answer,
        body: Buffer.concat([answer.body.subarray(0, half), Buffer.from("<html>")]),
      });
    },
  },
  {
    name: "slow",
    group: "network",
    hits: ["write", "read"],
    meaning: "the request waits a second before it reaches the server",
    request: async (exchange) => {
      await pause(1000);
      exchange.reply(await exchange.forward());
    },
  },
  {
    name: "slow-reply",
    group: "network",
    hits: ["write"],
    meaning: "the watch shows the write a second before its own answer comes",
    request: async (exchange) => {
      const answer = await exchange.forward();
      await pause(1000);
      exchange.reply(answer);
    },
  },
];
