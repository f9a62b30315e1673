/** Runs one command of a gate, says what it does and how long it took, and counts what it proved. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Count } from "./count.ts";

export interface Step {
  readonly name: string;
  /** Argument vector; the first word is a program on PATH (npm scripts put node_modules/.bin first). */
  readonly argv: readonly string[];
  /** vitest steps are counted by test, others as one. */
  readonly counts?: "vitest";
  readonly env?: Readonly<Record<string, string>>;
}

export async function runStep({ name, argv, counts, env }: Step): Promise<Count> {
  const started = Date.now();
  process.stdout.write(`\n── ${name}\n`);
  const folder = mkdtempSync(join(tmpdir(), "gate-"));
  const report = join(folder, "report.json");
  const extra =
    counts === "vitest" ? ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`] : [];
  const code = await exitCodeOf([...argv, ...extra], { ...process.env, ...env });
  const count =
    counts === "vitest"
      ? vitestCount(name, report, code)
      : { passed: code === 0 ? 1 : 0, failures: code === 0 ? [] : [name], skipped: 0 };
  rmSync(folder, { recursive: true });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  process.stdout.write(`── ${name}: ${count.failures.length === 0 ? "ok" : "FAILED"} (${seconds} s)\n`);
  return count;
}

function exitCodeOf(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const [program, ...rest] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program ?? "false", rest, { stdio: ["ignore", "inherit", "inherit"], env });
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly TestFile[];
}

interface TestFile {
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly assertionResults: readonly {
    readonly status: string;
    readonly fullName: string;
    readonly failureMessages: readonly string[];
  }[];
}

/** A file that fails before its first test counts as one failure; so does a run that left no report. */
function vitestCount(name: string, report: string, code: number): Count {
  let parsed: VitestReport;
  try {
    parsed = JSON.parse(readFileSync(report, "utf8")) as VitestReport;
  } catch {
    return { passed: 0, failures: [`${name}: ended with ${code} and left no report`], skipped: 0 };
  }
  const failures = parsed.testResults.flatMap(failuresOf);
  return {
    passed: parsed.numPassedTests,
    failures: failures.length === 0 && code !== 0 ? [`${name}: ended with ${code}`] : failures,
    skipped: parsed.numPendingTests + parsed.numTodoTests,
  };
}

function failuresOf({ name, status, message, assertionResults }: TestFile): readonly string[] {
  if (status === "failed" && assertionResults.length === 0) return [`${name}\n${message}`];
  return assertionResults
    .filter((test) => test.status === "failed")
    .map(({ fullName, failureMessages }) => [fullName, ...failureMessages].join("\n"));
}
