/** A pod in our words, and its manifest with everything that no pod of ours goes without. Pure. */
import type {
  V1Affinity,
  V1PodSpec,
  V1PodTemplateSpec,
  V1TopologySpreadConstraint,
} from "@kubernetes/client-node";
import { selectorLabels } from "@zuul-pulp/k8s-core/model";
import { type Container, containerManifest, type EnvVar, withTemporaryFolder } from "./container.ts";
import { given } from "./given.ts";
import { type Member, podLabels } from "./member.ts";
import { type Mount, type VolumeSource, volumesOf } from "./mount.ts";
import type { EnvOverride, ExtraVolume, PodOverrides } from "./pod-overrides.ts";
import { type PodSecurity, podSecurityContext } from "./pod-security.ts";

export interface PodTemplate {
  /** The first one is the main one: `overrides.resources` are its resources. */
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  /** Default: the `restricted` profile, the image's user. */
  readonly security?: PodSecurity;
  /** What the user changed. Absent members leave ours. */
  readonly overrides?: PodOverrides | undefined;
  /** Time to stop before it is killed. Absent: Kubernetes' 30 seconds. */
  readonly graceSeconds?: number;
  readonly imagePullSecrets?: readonly { readonly name: string }[] | undefined;
  /** As Kubernetes has it; the user's own `overrides.affinity` replaces it. */
  readonly affinity?: Readonly<Record<string, unknown>>;
  readonly hostname?: string;
  readonly subdomain?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly hostAliases?: readonly { readonly ip: string; readonly hostnames: readonly string[] }[];
}

export interface PodContext {
  readonly member: Member;
  /** Replicas that share the work are spread over nodes; a Job's pod is not. */
  readonly isSpread: boolean;
  readonly restartPolicy?: "Never" | "OnFailure";
  readonly annotations?: Readonly<Record<string, string>>;
  /** Present when the pod needs a service account of its own. */
  readonly serviceAccountName?: string;
}

/** Annotation on pod templates: the hash over everything that this pod alone uses. A change rolls the pods. */
export const configHashAnnotation = "operators.zuul-pulp.io/config-hash";

export function podTemplateManifest(pod: PodTemplate, context: PodContext): V1PodTemplateSpec {
  const { overrides = {} } = pod;
  const { member } = context;
  return {
    metadata: {
      labels: { ...overrides.labels, ...pod.labels, ...podLabels(member) },
      annotations: { ...overrides.annotations, ...pod.annotations, ...context.annotations },
    },
    spec: podSpec(pod, context),
  };
}

function podSpec(
  pod: PodTemplate,
  { member, isSpread, restartPolicy, serviceAccountName }: PodContext,
): V1PodSpec {
  const { security = {}, overrides = {} } = pod;
  const { level = "restricted" } = security;
  const containers = pod.containers.map((container, index) =>
    withTemporaryFolder(withOverrides(container, overrides, index === 0)),
  );
  const initContainers = (pod.initContainers ?? []).map((container) =>
    withTemporaryFolder(withOverrides(container, overrides, false)),
  );
  return {
    enableServiceLinks: false,
    automountServiceAccountToken: false,
    securityContext: podSecurityContext(security),
    initContainers: initContainers.map((container) => containerManifest(container, level)),
    containers: containers.map((container) => containerManifest(container, level)),
    volumes: volumesOf([...initContainers, ...containers].flatMap(({ mounts = [] }) => mounts)),
    ...given({
      restartPolicy,
      serviceAccountName,
      terminationGracePeriodSeconds: overrides.terminationGracePeriodSeconds ?? pod.graceSeconds,
      imagePullSecrets: pod.imagePullSecrets?.map(({ name }) => ({ name })),
      hostname: pod.hostname,
      subdomain: pod.subdomain,
      hostAliases: pod.hostAliases?.map(({ ip, hostnames }) => ({ ip, hostnames: [...hostnames] })),
      hostUsers: level === "userNamespaces" ? false : undefined,
      ...scheduling({ affinity: pod.affinity, ...given(overrides) }),
      topologySpreadConstraints: spread(overrides, member, isSpread),
    }),
  };
}

function scheduling({ nodeSelector, tolerations, affinity, priorityClassName }: PodOverrides) {
  return {
    nodeSelector: nodeSelector && { ...nodeSelector },
    tolerations: tolerations?.map((toleration) => given(toleration)),
    // The one edge where the user's own structure passes: its schema is opaque, the server checks it.
    affinity: affinity as V1Affinity | undefined,
    priorityClassName,
  };
}

/** Preferred, never demanded: on a cluster of one node everything still runs. */
function spread(
  overrides: PodOverrides,
  member: Member,
  isSpread: boolean,
): V1TopologySpreadConstraint[] | undefined {
  const byNode = { topologyKey: "kubernetes.io/hostname", maxSkew: 1, whenUnsatisfiable: "ScheduleAnyway" };
  const chosen = overrides.topologySpreadConstraints ?? (isSpread ? [byNode] : undefined);
  return chosen?.map((constraint) => ({
    ...constraint,
    labelSelector: { matchLabels: selectorLabels(member) },
  }));
}

function withOverrides(container: Container, overrides: PodOverrides, isMain: boolean): Container {
  const { resources, env = [], extraVolumes = [] } = overrides;
  return {
    ...container,
    ...(isMain && resources !== undefined ? { resources } : {}),
    env: [...(container.env ?? []), ...env.map(envVar)],
    mounts: [...(container.mounts ?? []), ...extraVolumes.map(extraMount)],
  };
}

function envVar({ name, value, valueFrom }: EnvOverride): EnvVar {
  const { secretKeyRef, configMapKeyRef } = valueFrom ?? {};
  if (secretKeyRef !== undefined) return { name, secretName: secretKeyRef.name, key: secretKeyRef.key };
  if (configMapKeyRef !== undefined)
    return { name, configMapName: configMapKeyRef.name, key: configMapKeyRef.key };
  return { name, value: value ?? "" };
}

function extraMount(extra: ExtraVolume): Mount {
  return {
    path: extra.mountPath,
    from: extraSource(extra),
    ...given({ readOnly: extra.readOnly, subPath: extra.subPath }),
  };
}

function extraSource({
  name,
  secret,
  configMap,
  persistentVolumeClaim,
  emptyDir,
}: ExtraVolume): VolumeSource {
  if (secret !== undefined)
    return { kind: "secret", name: secret.secretName, ...given({ optional: secret.optional }) };
  if (configMap !== undefined)
    return { kind: "configMap", name: configMap.name, ...given({ optional: configMap.optional }) };
  if (persistentVolumeClaim !== undefined) return { kind: "claim", name: persistentVolumeClaim.claimName };
  return {
    kind: "emptyDir",
    name: `extra-${name}`,
    ...given({ medium: emptyDir?.medium, sizeLimit: emptyDir?.sizeLimit }),
  };
}
