/** How the commands of this repository refuse: one sentence and exit code 2 for wrong usage, no stack trace. */
import process from "node:process";

/** What a person typed cannot be meant. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** @throws UsageError for the first wanted name that is none of `names`, and says which there are */
export function known(what: string, wanted: readonly string[] | undefined, names: readonly string[]): void {
  const wrong = wanted?.find((name) => !names.includes(name));
  if (wrong !== undefined)
    throw new UsageError(`${what}: there is no "${wrong}", only ${[...new Set(names)].join(", ")}`);
}

/** Reads flags; what `parseArgs` or the reader itself refuses ends the process with exit code 2. */
export function orRefuse<T>(command: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!isUsage(error)) throw error;
    process.stderr.write(`${command}: ${error.message}\n(--help shows what there is)\n`);
    process.exit(2);
  }
}

function isUsage(error: unknown): error is Error {
  if (error instanceof UsageError) return true;
  return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
}
