/** What happens to the one connection that all requests and watches share. */
import type { Fault } from "./fault.ts";

export const faults: readonly Fault[] = [
  {
    name: "reset",
    group: "network",
    hits: ["write", "watch"],
    meaning: "TCP reset: all watches end and requests under way have no answer",
    request: async (exchange) => exchange.connection.reset(),
    line: async (watch) => watch.connection.reset(),
  },
  {
    name: "goaway",
    group: "network",
    hits: ["write", "watch"],
    meaning: "GOAWAY, as the API server sends it now and then: streams go on, new ones go elsewhere",
    request: async (exchange) => {
      exchange.connection.goaway();
      exchange.reply(await exchange.forward());
    },
    line: async (watch) => {
      watch.connection.goaway();
      watch.send(watch.line);
    },
  },
  {
    name: "half-open",
    group: "network",
    hits: ["watch"],
    meaning: "the connection is silent for ever and nobody is told: only PING finds out",
    patienceMs: 90_000,
    line: async (watch) => watch.connection.freeze(),
  },
];
