/** The server refuses, fails or asks for patience, without acting. */
import { type Fault, refusal } from "./fault.ts";

const conflict = "the object has been modified; please apply your changes to the latest version";
const late = { "retry-after": "1" };

export const faults: readonly Fault[] = [
  {
    name: "409",
    group: "error",
    hits: ["write"],
    meaning: "a conflict with another writer",
    request: async (exchange) => exchange.reply(refusal(409, "Conflict", conflict)),
  },
  {
    name: "409-thrice",
    group: "error",
    hits: ["write"],
    times: 3,
    meaning: "three conflicts in a row: the repeated request meets one too",
    request: async (exchange) => exchange.reply(refusal(409, "Conflict", conflict)),
  },
  {
    name: "500",
    group: "error",
    hits: ["write", "read"],
    meaning: "an internal error",
    request: async (exchange) => exchange.reply(refusal(500, "InternalError", "etcdserver: leader changed")),
  },
  {
    name: "503-four-times",
    group: "error",
    hits: ["write"],
    times: 4,
    meaning: "unavailable for longer than one request is repeated",
    patienceMs: 10_000,
    request: async (exchange) =>
      exchange.reply(refusal(503, "ServiceUnavailable", "apiserver is shutting down")),
  },
  {
    name: "429",
    group: "error",
    hits: ["write", "read"],
    meaning: "too many requests, with a Retry-After of one second",
    request: async (exchange) =>
      exchange.reply(refusal(429, "TooManyRequests", "too many requests, please try again later", late)),
  },
  {
    name: "401",
    group: "error",
    hits: ["write", "read"],
    meaning: "the token has expired: it must be read again",
    request: async (exchange) => exchange.reply(refusal(401, "Unauthorized", "Unauthorized")),
  },
];
