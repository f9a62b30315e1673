/** Results of every run, one JSON object a line, outside the checkout. I/O: one file in the cache folder. */
import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { cacheFolder } from "../e2e/cluster/paths.ts";

export interface Entry {
  readonly suite: string;
  readonly id: string;
  /** `missed`: the call of a plan never came. */
  readonly verdict: "survived" | "failed" | "missed";
  readonly problems: readonly string[];
  readonly ms: number;
  readonly group?: string;
  readonly scenario?: string;
  readonly fault?: string;
  /** What was measured, in words: `14.2 s`. */
  readonly figure?: string;
}

export interface Stamped extends Entry {
  readonly date: string;
  readonly commit: string;
  readonly machine: string;
  /** Processes that wanted to run on average over the minute before. */
  readonly load?: number;
}

export function ledgerPath(): string {
  return join(cacheFolder(), "proof", "ledger.jsonl");
}

export function machine(): string {
  const cpu = cpus()[0]?.model.trim() ?? "unknown";
  return `${cpus().length} × ${cpu}, ${Math.round(totalmem() / 1e9)} GB, Node ${process.versions.node}`;
}

export function commitNow(): string {
  const folder = import.meta.dirname;
  return execFileSync("git", ["-C", folder, "rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
}

export interface Ledger {
  write(entry: Entry): void;
  read(): readonly Stamped[];
  /** Keeps a text beside the ledger. @returns where */
  keep(id: string, text: string): string;
}

export function openLedger(path = ledgerPath()): Ledger {
  const circumstances = { commit: commitNow(), machine: machine() };
  return {
    write: (entry) => {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      const load = Math.round(loadavg()[0] ?? 0);
      const line: Stamped = { ...entry, date: new Date().toISOString(), ...circumstances, load };
      appendFileSync(path, `${JSON.stringify(line)}\n`, { mode: 0o600 });
    },
    keep: (id, text) => {
      const folder = join(dirname(path), "records");
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const file = join(folder, `${id.replaceAll(/[^A-Za-z0-9@#_-]+/g, "_")}.txt`);
      writeFileSync(file, text, { mode: 0o600 });
      return file;
    },
    read: () =>
      existsSync(path)
        ? readFileSync(path, "utf8")
            .split("\n")
            .filter((line) => line !== "")
            .map(stamped)
        : [],
  };
}

function stamped(line: string): Stamped {
  const entry: Stamped = JSON.parse(line);
  return entry;
}
