/**
 * Starts the long-lived programs of an instance and finds them again.
 *
 * Every one carries the instance's folder in its environment, so `down` finds all of them (and what they started
 * in turn, such as containerd's shims) even when the command that started them was killed before writing a pid.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

/** The variable that marks a process as part of the instance whose folder it names. */
export const markVariable = "ZUUL_PULP_CLUSTER_FOLDER";

export interface Program {
  /** A short word for messages and the log's name, such as `etcd`. */
  readonly role: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Started {
  readonly role: string;
  readonly pid: number;
  readonly log: string;
  /** The reason why the program is gone, as soon as it is. */
  readonly ended: () => string | undefined;
}

/** Starts one program in a session of its own, so that it outlives this command and its terminal. */
export function start(program: Program, folder: string, log: string): Started {
  const out = openSync(log, "a", 0o600);
  const child: ChildProcess = spawn(program.command, [...program.args], {
    cwd: folder,
    detached: true,
    stdio: ["ignore", out, out],
    env: {
      PATH: process.env["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin",
      HOME: folder,
      ...program.env,
      [markVariable]: folder,
    },
  });
  closeSync(out);
  let reason: string | undefined;
  child.once("error", (error) => {
    reason = error.message;
  });
  child.once("exit", (code, signal) => {
    reason = signal === null ? `exit code ${String(code)}` : `signal ${signal}`;
  });
  child.unref();
  return { role: program.role, pid: child.pid ?? 0, log, ended: () => reason };
}

/** The last lines of a log, for a message. */
export function tail(log: string, lines = 15): string {
  try {
    return readFileSync(log, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
  } catch {
    return "(no log)";
  }
}

/**
 * Waits until `check` answers true.
 * @throws Error at once when one of `programs` ends, or after `atMostMs`; both with the last lines of the logs
 */
export async function waitFor(
  what: string,
  atMostMs: number,
  check: () => Promise<boolean>,
  programs: readonly Started[] = [],
  signal?: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + atMostMs;
  for (;;) {
    signal?.throwIfAborted();
    for (const program of programs) {
      const reason = program.ended();
      if (reason !== undefined) throw new Error(`${program.role} ended (${reason}):\n${tail(program.log)}`);
    }
    if (await check()) return;
    if (Date.now() > deadline) {
      const logs = programs.map(({ role, log }) => `--- ${role}\n${tail(log)}`).join("\n");
      throw new Error(`Waited ${String(Math.round(atMostMs / 1000))} s in vain for: ${what}\n${logs}`);
    }
    await pause(50);
  }
}

/** Pids of all live processes that carry the mark of this instance. */
export function markedProcesses(folder: string): readonly number[] {
  const mark = `${markVariable}=${folder}`;
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .filter((pid) => environmentOf(pid).includes(mark))
    .map(Number);
}

function environmentOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    return [];
  }
}

/** `pid:start time`: tells a process from a later one with the same pid. Absent when there is none (or a zombie). */
export function processIdentity(pid: number): string | undefined {
  try {
    // The name in parentheses may hold spaces, so count the fields behind it: state is the first, start the 20th.
    const fields =
      readFileSync(`/proc/${String(pid)}/stat`, "utf8")
        .split(") ")
        .at(-1)
        ?.split(" ") ?? [];
    // A zombie whose other threads still run has not closed its files yet.
    const isGone = fields[0] === "Z" && Number(fields[17]) <= 1;
    return isGone || fields[19] === undefined ? undefined : `${String(pid)}:${fields[19]}`;
  } catch {
    return undefined;
  }
}

export function isAlive(identity: string): boolean {
  return processIdentity(Number(identity.split(":")[0])) === identity;
}

/** Ends processes with SIGKILL and waits until each is really gone: a dying API server still holds its port. */
export async function killAll(pids: () => readonly number[], atMostMs = 20_000): Promise<void> {
  const deadline = Date.now() + atMostMs;
  // A dying process loses its mark before it lets go of its port: remember every pid once seen.
  const seen = new Set<number>();
  for (;;) {
    for (const pid of pids()) seen.add(pid);
    const alive = [...seen].filter((pid) => processIdentity(pid) !== undefined);
    if (alive.length === 0) return;
    if (Date.now() > deadline) throw new Error(`Processes do not end: ${alive.join(", ")}`);
    for (const pid of alive) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended by itself in between.
      }
    }
    await pause(25);
  }
}

const execFilePromise = promisify(execFile);

/** Runs a short program and returns what it printed. @throws Error with what it said on stderr */
export async function run(
  command: string,
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<string> {
  const { stdout } = await execFilePromise(command, [...args], {
    maxBuffer: 64 << 20,
    env: env === undefined ? process.env : { ...process.env, ...env },
  });
  return stdout;
}

/** Whether a program can be found, by the PATH plus the folders of system programs. */
export async function runs(command: string, args: readonly string[] = ["--version"]): Promise<boolean> {
  return run(command, args).then(
    () => true,
    () => false,
  );
}
