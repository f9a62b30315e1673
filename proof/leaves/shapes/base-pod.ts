/** A `pod` with something of everything, so that each of its fields has something to change. Data. */
import type { Spec } from "../leaf.ts";

export const baseToleration: Spec = {
  key: "dedicated",
  operator: "Equal",
  value: "ci",
  effect: "NoExecute",
  tolerationSeconds: 60,
};

export const basePod: Spec = {
  resources: { requests: { cpu: "10m" }, limits: { memory: "1Gi" } },
  nodeSelector: { disk: "fast" },
  tolerations: [baseToleration],
  topologySpreadConstraints: [{ topologyKey: "zone", maxSkew: 2, whenUnsatisfiable: "DoNotSchedule" }],
  priorityClassName: "high",
  labels: { team: "one" },
  annotations: { "example.org/note": "one" },
  env: [
    { name: "PLAIN", value: "one" },
    { name: "FROM_SECRET", valueFrom: { secretKeyRef: { name: "one", key: "one" } } },
    { name: "FROM_MAP", valueFrom: { configMapKeyRef: { name: "one", key: "one" } } },
  ],
  extraVolumes: [
    { name: "secret", mountPath: "/mnt/secret", secret: { secretName: "one" } },
    { name: "map", mountPath: "/mnt/map", configMap: { name: "one" } },
    { name: "claim", mountPath: "/mnt/claim", persistentVolumeClaim: { claimName: "one" } },
    { name: "empty", mountPath: "/mnt/empty", emptyDir: { sizeLimit: "1Gi" } },
  ],
};
