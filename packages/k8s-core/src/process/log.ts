/** Logs for machines (JSON lines) and for people (text), on standard output. */
import { type DestinationStream, type Logger, pino } from "pino";
import { fields, parsed } from "../json.ts";

export interface LogOptions {
  readonly level?: string;
  readonly format?: "json" | "text";
  /** Default: standard output. */
  readonly to?: DestinationStream;
}

/** Members that never hold anything a log may show. Values of Secrets travel sealed; this is the second fence. */
const neverShown = ["authorization", "token", "password", "data", "stringData", "body", "headers", "key"];

export function openLog({ level = "info", format = "json", to }: LogOptions = {}): Logger {
  const options = {
    level,
    base: null,
    timestamp: () => `,"ts":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: neverShown.flatMap((name) => [name, `*.${name}`]), censor: "***" },
  };
  const out = to ?? { write: (line: string) => void process.stdout.write(line) };
  return pino(options, format === "json" ? out : { write: (line) => out.write(`${asText(line)}\n`) });
}

/** `12:03:04 INFO  applied zuul/default/a created=12`: what a person at a terminal reads. */
export function asText(line: string): string {
  const { ts, level, msg, controller, namespace, name, ...rest } = fields(parsed(line));
  const where = [controller, namespace, name]
    .flatMap((part) => (typeof part === "string" ? [part] : []))
    .join("/");
  const words = Object.entries(rest).map(
    ([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return [String(ts).slice(11, 19), String(level).toUpperCase().padEnd(5), String(msg), where, ...words]
    .filter((part) => part !== "")
    .join(" ");
}
