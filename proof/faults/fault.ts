/**
 * What a fault is. Each file in this folder that exports `faults` adds some; they are found by their place.
 * A request fault gets one exchange between operator and server; a line fault gets one watch at an event.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Call } from "../proxy/call.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** One request that has arrived and that nobody has answered yet. */
export interface Exchange {
  readonly call: Call;
  /** Lets the server act, and gives its answer. Not for watches. */
  forward(): Promise<Answer>;
  reply(answer: Answer): void;
  /** Resets the stream: the operator never hears what became of its request. */
  drop(): void;
  /** SIGKILL, a fresh Lease, and a new process. Returns when the old one is gone. */
  kill(): Promise<void>;
  readonly connection: Connection;
}

/** The connection that the request came by; all others of the operator share it. */
export interface Connection {
  /** TCP reset: every stream of it ends at once. */
  reset(): void;
  /** New streams are refused politely, old ones go on. */
  goaway(): void;
  /** Nothing is read or written any more and nobody is told: a half-open connection. */
  freeze(): void;
}

export interface WatchLine {
  readonly call: Call;
  readonly line: Buffer;
  /** Sends bytes to the operator. */
  send(bytes: Buffer): void;
  /** Ends the watch as the server does when its time is over. */
  end(): void;
  /** Breaks the watch off. */
  drop(): void;
  kill(): Promise<void>;
  /** Keeps back this and all later lines of the watch for so long, then sends them in order. */
  hold(ms: number): void;
  readonly connection: Connection;
}

export type Group = "crash" | "error" | "watch" | "network";

export interface Fault {
  readonly name: string;
  readonly group: Group;
  /** Which calls of a trace it is tried on. A `watch` is hit at its first event after the scenario began. */
  readonly hits: readonly ("write" | "read" | "watch")[];
  /** What it stands for. */
  readonly meaning: string;
  /** How often in a row the same call is hit. Default 1. */
  readonly times?: number;
  /** The operator may need this much longer to settle. */
  readonly patienceMs?: number;
  request?(exchange: Exchange): Promise<void>;
  line?(watch: WatchLine): Promise<void>;
}

export async function allFaults(): Promise<readonly Fault[]> {
  const found: Fault[] = [];
  for (const file of readdirSync(import.meta.dirname).sort()) {
    if (file === "fault.ts" || !file.endsWith(".ts") || file.endsWith(".test.ts")) continue;
    const module: { readonly faults: readonly Fault[] } = await import(join(import.meta.dirname, file));
    found.push(...module.faults);
  }
  return found;
}

/** An answer of the API server as it writes them. */
export function refusal(
  code: number,
  reason: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, code };
  return {
    status: code,
    headers: { "content-type": "application/json", ...headers },
    body: Buffer.from(JSON.stringify(status)),
  };
}
