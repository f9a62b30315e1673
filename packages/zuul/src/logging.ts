/** What the services log: Zuul's own default, DEBUG by the command line, or the user's file, which wins. Pure. */
import type { ResolvedRefs } from "@zuul-pulp/secret-ref";
import type { Zuul } from "./parse.ts";
import { files } from "./paths.ts";

/** Key of the file in a config Secret: a mapping in YAML or JSON is told from Python's INI form by the name's end. */
export function loggingFile({ spec }: Pick<Zuul, "spec">, refs: ResolvedRefs): string | undefined {
  if (spec.logging.config === undefined) return undefined;
  return /\.(ya?ml|json)$/.test(refs.keyOf("logging.config")) ? files.logging : files.loggingIni;
}
