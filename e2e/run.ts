/** Runs a program with an argument vector (never a shell) and returns what it printed; a failure carries its last words. */
import { spawn } from "node:child_process";

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Called for each line on standard error while it runs. */
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal;
}

export function run(
  argv: readonly string[],
  { input, env, cwd, onLine, signal }: RunOptions = {},
): Promise<string> {
  const [program = "", ...rest] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, {
      env: { ...process.env, ...env },
      stdio: ["pipe", "pipe", "pipe"],
      ...(cwd === undefined ? {} : { cwd }),
      ...(signal === undefined ? {} : { signal }),
    });
    let out = "";
    let err = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      err = (err + text).slice(-20_000);
      for (const line of text.split("\n")) if (line.trim() !== "") onLine?.(line.trimEnd());
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(out);
      else
        reject(
          new Error(
            `${[program, ...rest.slice(0, 3)].join(" ")} … ended with ${code}: ${(err || out).trim().slice(-1500)}`,
          ),
        );
    });
    child.stdin.on("error", () => undefined).end(input ?? "");
  });
}
