/** A Deployment or StatefulSet with what belongs to it: disruption budget, volume claims, service account. Pure. */
import type { V1Deployment, V1PodDisruptionBudget, V1StatefulSet } from "@kubernetes/client-node";
import { selectorLabels } from "@zuul-pulp/k8s-core/model";
import { Construct } from "constructs";
import { given } from "./given.ts";
import { type Member, objectLabels, podLabels } from "./member.ts";
import { configHashAnnotation, type PodTemplate, podTemplateManifest } from "./pod-template.ts";
import { ServiceAccountObject } from "./service-account.ts";
import { claimSpec, PersistentClaim, type Storage } from "./storage.ts";
import { TypedObject } from "./typed-object.ts";

/** A claim per pod of a StatefulSet: `<claim>-<workload>-<ordinal>`. */
export interface Claim extends Storage {
  readonly name: string;
  /** Of the claims, which outlive the workload. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Deployment: `Recreate` or rolling figures. StatefulSet: `OnDelete` or rolling figures, `partition` holding back
 * the pods below it. Absent: Kubernetes' own rolling update.
 */
export type Strategy =
  | "Recreate"
  | "OnDelete"
  | {
      readonly maxSurge?: number | string;
      readonly maxUnavailable?: number | string;
      readonly partition?: number;
    };

export interface WorkloadProps {
  readonly kind: "Deployment" | "StatefulSet";
  /** At most 52 characters for a StatefulSet: its pods carry the name, an ordinal and a revision. */
  readonly name: string;
  readonly member: Member;
  /** Absent when an autoscaler owns the number. */
  readonly replicas?: number | undefined;
  /** StatefulSet only: its headless Service; default `name`. */
  readonly serviceName?: string;
  readonly podManagementPolicy?: "Parallel" | "OrderedReady";
  readonly strategy?: Strategy;
  readonly volumeClaims?: readonly Claim[];
  readonly pod: PodTemplate;
  /** A disruption budget, left out while there are fewer than two replicas: it would only block node drains. */
  readonly disruption?: { readonly maxUnavailable: number | string };
  /** Hash over everything that these pods use and that is not in the template itself. A change rolls them. */
  readonly configHash?: string | undefined;
  readonly minReadySeconds?: number;
  readonly progressDeadlineSeconds?: number;
  /** `Delete`: claims go with the StatefulSet. Default `Retain`. */
  readonly deletionPolicy?: "Retain" | "Delete" | undefined;
  /** Of the workload object, not of its pods. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Identity comes from `name` and `member` alone; the selector never changes. Pure. */
export class Workload extends Construct {
  constructor(scope: Construct, id: string, props: WorkloadProps) {
    super(scope, id);
    const { kind, name, member, replicas, pod, disruption, volumeClaims = [] } = props;
    const annotations = pod.overrides?.serviceAccountAnnotations;
    if (annotations !== undefined) new ServiceAccountObject(this, "account", { name, member, annotations });
    if (disruption !== undefined && (replicas ?? 2) > 1)
      disruptionBudget(this, props, disruption.maxUnavailable);
    // Claims are objects of their own as well: a template cannot grow, a claim can.
    for (const claim of volumeClaims) {
      for (let ordinal = 0; ordinal < (replicas ?? 0); ordinal++) {
        const claimName = `${claim.name}-${name}-${ordinal}`;
        new PersistentClaim(this, `claim-${claim.name}-${ordinal}`, {
          name: claimName,
          member,
          storage: claim,
          annotations: claim.annotations,
        });
      }
    }
    new TypedObject(this, "workload", kind === "Deployment" ? deployment(props) : statefulSet(props));
  }
}

function template({ name, member, pod, configHash }: WorkloadProps) {
  return podTemplateManifest(pod, {
    member,
    isSpread: true,
    ...(configHash === undefined ? {} : { annotations: { [configHashAnnotation]: configHash } }),
    ...(pod.overrides?.serviceAccountAnnotations === undefined ? {} : { serviceAccountName: name }),
  });
}

function metadata({ name, member, annotations = {} }: WorkloadProps) {
  return { name, labels: objectLabels(member), annotations: { ...annotations } };
}

function deployment(props: WorkloadProps) {
  const { member, replicas, strategy, minReadySeconds, progressDeadlineSeconds, volumeClaims = [] } = props;
  if (volumeClaims.length > 0) throw new Error(`Deployment ${props.name} cannot have a claim per pod`);
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: metadata(props),
    spec: {
      selector: { matchLabels: selectorLabels(member) },
      template: template(props),
      ...given({
        replicas,
        strategy: strategy && deploymentStrategy(strategy),
        minReadySeconds,
        progressDeadlineSeconds,
      }),
    },
  } satisfies V1Deployment;
}

function deploymentStrategy(strategy: Strategy) {
  if (typeof strategy === "string") return { type: strategy };
  const { maxSurge, maxUnavailable } = strategy;
  return { type: "RollingUpdate", rollingUpdate: given({ maxSurge, maxUnavailable }) };
}

function statefulSet(props: WorkloadProps) {
  const { name, member, replicas, strategy, podManagementPolicy, minReadySeconds, volumeClaims = [] } = props;
  if (name.length > 52)
    throw new Error(`StatefulSet name ${name} has ${name.length} characters, at most 52 fit`);
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: metadata(props),
    spec: {
      serviceName: props.serviceName ?? name,
      selector: { matchLabels: selectorLabels(member) },
      template: template(props),
      volumeClaimTemplates: volumeClaims.map((claim) => ({
        // The kind is stored by the server; without it our own fields would differ from what we sent.
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        // Whoever makes the claim first, the operator or the StatefulSet's controller, makes the same one.
        metadata: {
          name: claim.name,
          labels: podLabels(member),
          ...given({ annotations: claim.annotations }),
        },
        spec: claimSpec(claim),
      })),
      ...given({
        replicas,
        updateStrategy: strategy && statefulStrategy(strategy),
        podManagementPolicy,
        minReadySeconds,
      }),
      ...(volumeClaims.length === 0
        ? {}
        : {
            persistentVolumeClaimRetentionPolicy: {
              whenDeleted: props.deletionPolicy ?? "Retain",
              whenScaled: "Retain",
            },
          }),
    },
  } satisfies V1StatefulSet;
}

function statefulStrategy(strategy: Strategy) {
  if (typeof strategy === "string") return { type: strategy };
  const { maxUnavailable, partition } = strategy;
  return { type: "RollingUpdate", rollingUpdate: given({ maxUnavailable, partition }) };
}

function disruptionBudget(
  scope: Construct,
  { kind, name, member }: WorkloadProps,
  maxUnavailable: number | string,
): void {
  // A pod that is broken anyway must not block a node drain; a member of a quorum may be about to catch up.
  const broken = kind === "Deployment" ? { unhealthyPodEvictionPolicy: "AlwaysAllow" } : {};
  new TypedObject(scope, "budget", {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name, labels: objectLabels(member) },
    spec: { maxUnavailable, ...broken, selector: { matchLabels: selectorLabels(member) } },
  } satisfies V1PodDisruptionBudget);
}
