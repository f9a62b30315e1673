/** The bundled operator as a child process, its log lines, and its sudden end. I/O: starts a process. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import type { Bundle } from "../../e2e/lab/bundle.ts";
import { field } from "../../e2e/lab/look.ts";

export interface Operator {
  readonly pid: number;
  /** Every line of the log so far, parsed. */
  readonly lines: readonly unknown[];
  /** Whatever was no JSON: a crash speaks here. */
  readonly stray: string;
  /** Until a line from `from` on is as wanted. @throws Error when the process ends or the time is over */
  line(isWanted: (line: unknown) => boolean, from?: number, withinMs?: number): Promise<void>;
  /** Resolves at its end, whoever caused it. */
  readonly ended: Promise<void>;
  /** Sends the signal and waits for the end. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

export interface LaunchProps {
  readonly bundle: Bundle;
  readonly namespace: string;
  /** Name of the pod that it takes itself for. */
  readonly pod: string;
  readonly kubeconfig: string;
  /** Where Node keeps compiled code: a start costs half. */
  readonly compileCache: string;
  /** How wrong its clock is. Default 0. */
  readonly clockSkewMs?: number;
}

const skewedClock = join(import.meta.dirname, "skewed-clock.ts");

/** Starts the operator as its image does, with the log at level debug. */
export function launch(props: LaunchProps): Operator {
  const { bundle, namespace, pod, kubeconfig, compileCache, clockSkewMs = 0 } = props;
  const clock = clockSkewMs === 0 ? [] : ["--import", skewedClock];
  const flags = ["--kubeconfig", kubeconfig, "--namespace", namespace, "--log-level", "debug"];
  const ports = ["--metrics-port", "0", "--health-port", "0"];
  const child: ChildProcess = spawn(
    bundle.node,
    [...bundle.flags, ...clock, bundle.main, "run", ...flags, ...ports],
    {
      env: {
        ...bundle.env,
        POD_NAME: pod,
        NODE_COMPILE_CACHE: compileCache,
        CLOCK_SKEW_MS: String(clockSkewMs),
      },
      stdio: ["ignore", "pipe", "pipe"],
      // A session of its own: Linux shares the processors out by session, and the proxy must not starve beside it.
      // Without the proxy it ends by itself, as it loses its Lease.
      detached: true,
    },
  );
  const lines: unknown[] = [];
  const lookers = new Set<() => void>();
  let [partial, stray, hasEnded] = ["", "", false];
  const wake = (): void => {
    for (const look of lookers) look();
  };
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    const parts = (partial + chunk).split("\n");
    partial = parts.pop() ?? "";
    for (const part of parts)
      if (part.startsWith("{")) lines.push(JSON.parse(part));
      else stray += `${part}\n`;
    wake();
  });
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => (stray += chunk));
  const ended = new Promise<void>((resolve) =>
    child.once("close", () => {
      hasEnded = true;
      resolve();
      wake();
    }),
  );
  return {
    pid: child.pid ?? 0,
    lines,
    get stray() {
      return stray;
    },
    ended,
    line: (isWanted, from = 0, withinMs = 60_000) =>
      new Promise((resolve, reject) => {
        let at = from;
        const done = (): void => {
          clearTimeout(clock);
          lookers.delete(look);
        };
        const look = (): void => {
          for (; at < lines.length; at += 1)
            if (isWanted(lines[at])) {
              done();
              return resolve();
            }
          if (!hasEnded) return;
          done();
          reject(new Error(`the operator ended: ${stray.slice(-500)} ${lastWords(lines)}`));
        };
        const clock = setTimeout(() => {
          done();
          reject(new Error(`no such log line: ${lastWords(lines)}`));
        }, withinMs);
        lookers.add(look);
        look();
      }),
    end: async (signal = "SIGKILL") => {
      child.kill(signal);
      await ended;
    },
  };
}

function lastWords(lines: readonly unknown[]): string {
  return lines
    .slice(-3)
    .map((line) => JSON.stringify(line).slice(0, 300))
    .join("\n");
}

export const says =
  (message: string) =>
  (line: unknown): boolean =>
    field(line, "msg") === message;
