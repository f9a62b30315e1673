/** The process ends without a word (out of memory, node lost): before the server acts, or after it acted. */
import type { Fault } from "./fault.ts";

export const faults: readonly Fault[] = [
  {
    name: "kill-before",
    group: "crash",
    hits: ["write", "read"],
    meaning: "SIGKILL while the request is on its way; the server never sees it",
    request: (exchange) => exchange.kill(),
  },
  {
    name: "kill-after",
    group: "crash",
    hits: ["write"],
    meaning: "SIGKILL after the server acted; the operator never sees the answer",
    request: async (exchange) => {
      await exchange.forward();
      await exchange.kill();
    },
  },
  {
    name: "kill-told",
    group: "crash",
    hits: ["write"],
    meaning: "SIGKILL right after the operator was sent the answer",
    request: async (exchange) => {
      exchange.reply(await exchange.forward());
      await new Promise((resolve) => setImmediate(resolve));
      await exchange.kill();
    },
  },
  {
    name: "kill-at-event",
    group: "crash",
    hits: ["watch"],
    meaning: "SIGKILL when a watch brings its first event",
    line: (watch) => watch.kill(),
  },
];
