/** The command line of an operator, as a library: one definition in, all commands out. */
export { CommandError, exitCodes } from "./exit-codes.ts";
export { installManifests, type InstallPlan, type InstallProps } from "./install-manifests.ts";
export type { OperatorDefinition } from "./operator.ts";
export { grantAttribute, grantFlag } from "./grants.ts";
export { runCli } from "./program.ts";
export { type Rendered, renderFiles, type RenderOptions } from "./render.ts";
export { type ConnectionFlags, openSession, type Session } from "./session.ts";
