/** The public names of the package. */
export { renderZuul, type ZuulConfig } from "./config.ts";
export { zuulDefinition } from "./definition.ts";
export { zuulKinds } from "./kinds.ts";
export { type LiveLauncher, liveLaunchers } from "./leaving.ts";
export { parseZuul, type Zuul } from "./parse.ts";
export { zuulGrants, zuulPermissions, type ZuulPermissions } from "./permissions.ts";
export {
  type ConfigError,
  type GetJson,
  probeZuul,
  type Program,
  type TenantFacts,
  type ZuulFacts,
} from "./probe.ts";
export { nameOf } from "./names.ts";
export { ports } from "./paths.ts";
export { referencesOf } from "./references.ts";
export { defaultNodepoolVersion, defaultZuulVersion, zuulSpec, type ZuulSpec } from "./spec.ts";
export { statusOf, type ZuulStatus } from "./status.ts";
export { synthZuul } from "./synth.ts";
