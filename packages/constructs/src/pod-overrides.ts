/**
 * What a user may change about the pods of a service: an allow-list, no raw pod template.
 * No host paths, no service account of one's own choice, no host namespaces. Pure.
 */
import { cel, doc, listMap, map, opaque, quantity } from "@zuul-pulp/k8s-core/crd";
import { z } from "zod";

type Texts = Readonly<Record<string, string>>;

export interface Toleration {
  readonly key?: string | undefined;
  readonly operator?: "Exists" | "Equal" | undefined;
  readonly value?: string | undefined;
  readonly effect?: "NoSchedule" | "PreferNoSchedule" | "NoExecute" | undefined;
  readonly tolerationSeconds?: number | undefined;
}

export interface SpreadConstraint {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly whenUnsatisfiable: "ScheduleAnyway" | "DoNotSchedule";
}

export interface EnvOverride {
  readonly name: string;
  readonly value?: string | undefined;
  readonly valueFrom?:
    | {
        readonly secretKeyRef?: { readonly name: string; readonly key: string } | undefined;
        readonly configMapKeyRef?: { readonly name: string; readonly key: string } | undefined;
      }
    | undefined;
}

export interface ExtraVolume {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: boolean | undefined;
  readonly subPath?: string | undefined;
  readonly secret?: { readonly secretName: string; readonly optional?: boolean | undefined } | undefined;
  readonly configMap?: { readonly name: string; readonly optional?: boolean | undefined } | undefined;
  readonly persistentVolumeClaim?: { readonly claimName: string } | undefined;
  readonly emptyDir?:
    | { readonly medium?: "Memory" | undefined; readonly sizeLimit?: string | undefined }
    | undefined;
}

export interface PodOverrides {
  readonly resources?:
    | { readonly requests?: Texts | undefined; readonly limits?: Texts | undefined }
    | undefined;
  readonly nodeSelector?: Texts | undefined;
  readonly tolerations?: readonly Toleration[] | undefined;
  /** As Kubernetes has it; checked by the server. */
  readonly affinity?: unknown;
  readonly topologySpreadConstraints?: readonly SpreadConstraint[] | undefined;
  readonly priorityClassName?: string | undefined;
  readonly labels?: Texts | undefined;
  readonly annotations?: Texts | undefined;
  readonly env?: readonly EnvOverride[] | undefined;
  readonly extraVolumes?: readonly ExtraVolume[] | undefined;
  readonly serviceAccountAnnotations?: Texts | undefined;
  readonly terminationGracePeriodSeconds?: number | undefined;
}

const objectName = () => z.string().min(1).max(253);
const labels = () => map(z.string().max(63), { max: 50 });
const annotations = () => map(z.string().max(4096), { max: 50 });
const figures = () => map(quantity(), { max: 20 });
const keyOf = () =>
  z.object({ name: doc("Name of the object.", objectName()), key: doc("Its key.", objectName()) });

const toleration = z.object({
  key: doc("Taint to tolerate; absent with `operator: Exists`: all.", z.string().max(317).optional()),
  operator: doc("How `value` is compared; the default is Equal.", z.enum(["Exists", "Equal"]).optional()),
  value: doc("Value of the taint.", z.string().max(63).optional()),
  effect: doc("Absent: all effects.", z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]).optional()),
  tolerationSeconds: doc("How long NoExecute is tolerated; absent: for ever.", z.int32().min(0).optional()),
});

const spreadConstraint = z.object({
  topologyKey: doc("Node label whose values are the places to spread over.", z.string().min(1).max(317)),
  maxSkew: doc(
    "Largest allowed difference of pods between two places.",
    z.int32().min(1).max(1000).default(1),
  ),
  whenUnsatisfiable: doc(
    "What happens to a pod that cannot be placed so.",
    z.enum(["ScheduleAnyway", "DoNotSchedule"]).default("ScheduleAnyway"),
  ),
});

const envOverride = z.object({
  name: doc("Name of the variable.", z.string().min(1).max(253)),
  value: doc("Literal value; `$(…)` is not expanded.", z.string().max(32_768).optional()),
  valueFrom: doc(
    "Takes the value from a Secret or ConfigMap; a change of it restarts nothing.",
    z
      .object({
        secretKeyRef: doc("Key of a Secret.", keyOf().optional()),
        configMapKeyRef: doc("Key of a ConfigMap.", keyOf().optional()),
      })
      .optional(),
  ),
});

const extraVolumeFields = z.object({
  name: doc("Name of this entry.", z.string().min(1).max(63)),
  mountPath: doc("Absolute path inside the containers.", z.string().min(1).max(4096)),
  readOnly: doc("Default: true for Secrets and ConfigMaps, else false.", z.boolean().optional()),
  subPath: doc(
    "One path of the volume; updates of the source are then not seen.",
    z.string().max(4096).optional(),
  ),
  secret: doc(
    "Files from a Secret.",
    z
      .object({
        secretName: doc("Name of the Secret.", objectName()),
        optional: doc("The pod starts without it.", z.boolean().optional()),
      })
      .optional(),
  ),
  configMap: doc(
    "Files from a ConfigMap.",
    z
      .object({
        name: doc("Name of the ConfigMap.", objectName()),
        optional: doc("The pod starts without it.", z.boolean().optional()),
      })
      .optional(),
  ),
  persistentVolumeClaim: doc(
    "An existing volume claim.",
    z.object({ claimName: doc("Name of the claim.", objectName()) }).optional(),
  ),
  emptyDir: doc(
    "An empty folder that lives as long as the pod.",
    z
      .object({
        medium: doc("`Memory` keeps it in memory.", z.enum(["Memory"]).optional()),
        sizeLimit: doc("Largest size.", quantity().optional()),
      })
      .optional(),
  ),
});

const sources = ["secret", "configMap", "persistentVolumeClaim", "emptyDir"] as const;

const extraVolume = cel(extraVolumeFields, {
  rule: `${sources.map((source) => `(has(self.${source}) ? 1 : 0)`).join(" + ")} == 1`,
  message: `set exactly one of ${sources.join(", ")}`,
  check: (volume) => sources.filter((source) => volume[source] !== undefined).length === 1,
});

/** Schema of a `pod` field. A new one on each call, because a description belongs to one place. */
export function podSpecSchema(): z.ZodType<PodOverrides> {
  return z.object({
    resources: doc(
      "CPU and memory of the main container; replaces our small default requests. There are no default limits.",
      z
        .object({
          requests: doc("What the scheduler reserves.", figures().optional()),
          limits: doc("What the container may use at most.", figures().optional()),
        })
        .optional(),
    ),
    nodeSelector: doc("Labels that a node must have.", labels().optional()),
    tolerations: doc("Taints that the pods tolerate.", z.array(toleration).max(20).optional()),
    affinity: doc("Node and pod affinity, as in a pod.", opaque().optional()),
    topologySpreadConstraints: doc(
      "How pods of this service are spread; replaces the default (over nodes, if possible).",
      listMap(spreadConstraint, ["topologyKey", "whenUnsatisfiable"], { max: 10 }).optional(),
    ),
    priorityClassName: doc("Existing PriorityClass.", z.string().max(253).optional()),
    labels: doc("Further labels of the pods; ours win.", labels().optional()),
    annotations: doc("Further annotations of the pods; ours win.", annotations().optional()),
    env: doc(
      "Further environment variables of all containers.",
      listMap(envOverride, ["name"], { max: 100 }).optional(),
    ),
    extraVolumes: doc(
      "Further volumes, mounted into all containers. Each has exactly one source.",
      listMap(extraVolume, ["name"], { max: 20 }).optional(),
    ),
    serviceAccountAnnotations: doc(
      "Annotations of a service account made for these pods, such as the cloud role they take. It has no Kubernetes rights.",
      annotations().optional(),
    ),
    terminationGracePeriodSeconds: doc(
      "How long a pod may take to stop; replaces our default for the service.",
      z.int32().min(0).max(86_400).optional(),
    ),
  });
}
