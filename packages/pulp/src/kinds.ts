/** The kinds that one Pulp is made of, and those that it refers to. Watches and the operator's Role follow from here. */
import { pulpDefinition } from "./definition.ts";

/** Names of Kubernetes kinds, as k8s-core's table has them. */
export const pulpKinds = {
  resource: pulpDefinition,
  owned: [
    "Deployment",
    "StatefulSet",
    "Job",
    "Service",
    "ConfigMap",
    "Secret",
    "ServiceAccount",
    "PodDisruptionBudget",
    "NetworkPolicy",
    "PersistentVolumeClaim",
    "Ingress",
  ],
  observed: ["Pod"],
  referenced: ["Secret", "ConfigMap"],
} as const;
