/** `--watch` of `run` and `install`. Pure. */
import { listed, type WatchScope } from "../process/scope.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";

/**
 * `own`, `all`, or names separated by commas.
 * @throws CommandError `usage` that says what the flag takes
 */
export function watchFlag(text: string): WatchScope {
  if (text === "own" || text === "all") return { kind: text };
  const { namespaces, wrong } = listed(text);
  if (wrong === undefined && namespaces.length > 0) return { kind: "namespaces", namespaces };
  throw new CommandError(
    exitCodes.usage,
    `--watch takes own, all or names of namespaces, not "${wrong ?? text}"`,
  );
}
