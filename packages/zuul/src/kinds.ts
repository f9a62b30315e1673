/** The kinds that one Zuul is made of, and those that it refers to. Watches and the operator's Role follow from here. */
import { zuulDefinition } from "./definition.ts";

/** Names of Kubernetes kinds, as k8s-core's table has them. */
export const zuulKinds = {
  resource: zuulDefinition,
  owned: [
    "StatefulSet",
    "Deployment",
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
