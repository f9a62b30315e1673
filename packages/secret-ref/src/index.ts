/** The public names of the package. */
export { contentHash } from "./hash.ts";
export { redactManifest, secretManifest, type SecretManifestProps } from "./manifest.ts";
export type {
  CaGenerator,
  CertificateGenerator,
  GeneratedSecret,
  Generator,
  ReadAs,
  Reference,
  References,
} from "./references.ts";
export type { ResolveReader } from "./reader.ts";
export { resolveAll } from "./resolve.ts";
export type { ResolvedRefs } from "./resolved.ts";
export { type ConfigRef, configRef, configSource, type SecretRef, secretRef, type Source } from "./schema.ts";
export { open, openBytes, Sealed } from "./sealed.ts";
