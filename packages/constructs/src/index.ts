/** The public names of the package. */
export { backingImages, backingSecurity, backingUsers } from "./backing-images.ts";
export { cacheFolders, CacheSingle, type CacheSingleProps } from "./cache-single.ts";
export { canonicalJson } from "./canonical-json.ts";
export { ConfigFiles, type ConfigFilesProps } from "./config-files.ts";
export type {
  Container,
  ContainerPort,
  ContainerSecurity,
  EnvVar,
  Probe,
  Probes,
  Resources,
} from "./container.ts";
export { type ExposedProps, type ExposedUrl, exposedUrl } from "./exposed-url.ts";
export { exposeSchema, type ExposeSpec, type ExposeType } from "./expose-schema.ts";
export { Exposure, type ExposureProps, type HttpPath, routeName } from "./exposure.ts";
export { type Given, given } from "./given.ts";
export { mariaDbFolders, mariaDbUri, MariaDbSingle, type MariaDbSingleProps } from "./maria-db-single.ts";
export { componentOf, type Member, objectLabels, podLabels } from "./member.ts";
export type { KeyFile, Mount, VolumeSource } from "./mount.ts";
export { NetworkRules, type NetworkRulesProps, type Peers, type RulePort } from "./network-rules.ts";
export { type ExitRule, OneShotJob, type OneShotJobProps } from "./one-shot-job.ts";
export { type PodOverrides, podSpecSchema } from "./pod-overrides.ts";
export type { PodSecurity, SecurityLevel } from "./pod-security.ts";
export { configHashAnnotation, type PodTemplate } from "./pod-template.ts";
export { envVarOf, type PlusFigures, resourcesOf } from "./plus-values.ts";
export { postgresFolders, PostgresSingle, type PostgresSingleProps } from "./postgres-single.ts";
export { exposeProblems, isWebUrl, type OwnFolder, podProblems } from "./server-rules.ts";
export { ServiceAccountObject, type ServiceAccountProps } from "./service-account.ts";
export { ServiceObject, type ServiceObjectProps, type ServicePort } from "./service-object.ts";
export {
  type AccessMode,
  PersistentClaim,
  type PersistentClaimProps,
  type Storage,
  storageSchema,
} from "./storage.ts";
export { type StageBuild, type SynthesisProps, synthesize, synthesizeStages } from "./synthesize.ts";
export { type ObjectManifest, TypedObject } from "./typed-object.ts";
export { type Claim, type Strategy, Workload, type WorkloadProps } from "./workload.ts";
export {
  ensembleSizeAnnotation,
  ZooKeeperEnsemble,
  type ZooKeeperEnsembleProps,
  type ZooKeeperCount,
  zooKeeperFolders,
  zooKeeperHosts,
} from "./zookeeper-ensemble.ts";
export { type ZooKeeperSecrets, zooKeeperSecrets } from "./zookeeper-secrets.ts";
