/** Which of the operator's kinds a command speaks of: the first unless `--kind` names another. Pure. */
import type { KindSpec } from "../kinds.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";
import type { OperatorDefinition } from "./operator.ts";

export function resourceKind({ definitions }: OperatorDefinition, wanted: string | undefined): KindSpec {
  const found =
    wanted === undefined
      ? definitions[0]
      : definitions.find(({ kind }) => kind.toLowerCase() === wanted.toLowerCase());
  if (found === undefined)
    throw new CommandError(
      exitCodes.usage,
      `--kind is one of ${definitions.map(({ kind }) => kind).join(", ")}, not ${wanted}`,
    );
  return { apiVersion: found.apiVersion, kind: found.kind, plural: found.plural, namespaced: true };
}
