/** The fields of a `pod`: every one rolls the pods of its service and no other. */
import { type Json, type Leaf, type Leaves, merged, type Spec, specAt, under } from "../leaf.ts";
import { basePod, baseToleration } from "./base-pod.ts";

const terms = { matchExpressions: [{ key: "disk", operator: "Exists" }] };

/** What somebody adds to a pod is theirs: a change of such a Secret restarts nothing, as the fields say. */
const users = { rotates: [] };

/** @param workload whose pods they are @param differ fields that mean more at this place */
export function podLeaves(
  place: string,
  workloads: readonly string[],
  differ: Readonly<Record<string, Partial<Leaf>>> = {},
): Leaves {
  const given = specAt(place, basePod);
  const toleration = (change: Spec): Spec =>
    specAt(place, { ...basePod, tolerations: [merged(baseToleration, change)] });
  const rolls = (to: Json, more: Partial<Leaf> = {}): Leaf => ({ to, rolls: workloads, given, ...more });
  const leaves: Leaves = {
    "resources.requests": rolls({ cpu: "20m" }),
    "resources.limits": rolls({ memory: "2Gi" }),
    nodeSelector: rolls({ disk: "slow" }),
    "tolerations[].key": rolls("other"),
    "tolerations[].operator": rolls("Exists", { given: toleration({ value: null }) }),
    "tolerations[].value": rolls("other"),
    "tolerations[].effect": rolls("NoSchedule", { given: toleration({ tolerationSeconds: null }) }),
    "tolerations[].tolerationSeconds": rolls(90),
    affinity: rolls(
      { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [terms] } } },
      { nothingWrong: "the API server checks it, as in a pod" },
    ),
    "topologySpreadConstraints[].topologyKey": rolls("rack"),
    "topologySpreadConstraints[].maxSkew": rolls(3),
    "topologySpreadConstraints[].whenUnsatisfiable": rolls("ScheduleAnyway"),
    priorityClassName: rolls("low"),
    labels: rolls({ team: "two" }),
    annotations: rolls({ "example.org/note": "two" }),
    "env[].name": rolls("OTHER"),
    "env[].value": rolls("two"),
    "env[].valueFrom.secretKeyRef.name": rolls("two", { at: "env[1].valueFrom.secretKeyRef.name", ...users }),
    "env[].valueFrom.secretKeyRef.key": rolls("two", { at: "env[1].valueFrom.secretKeyRef.key" }),
    "env[].valueFrom.configMapKeyRef.name": rolls("two", { at: "env[2].valueFrom.configMapKeyRef.name" }),
    "env[].valueFrom.configMapKeyRef.key": rolls("two", { at: "env[2].valueFrom.configMapKeyRef.key" }),
    "extraVolumes[].name": rolls("other", { at: "extraVolumes[3].name" }),
    "extraVolumes[].mountPath": rolls("/mnt/other", { wrong: "/mnt/map" }),
    "extraVolumes[].readOnly": rolls(false),
    "extraVolumes[].subPath": rolls("part"),
    "extraVolumes[].secret.secretName": rolls("two", users),
    "extraVolumes[].secret.optional": rolls(true),
    "extraVolumes[].configMap.name": rolls("two", { at: "extraVolumes[1].configMap.name" }),
    "extraVolumes[].configMap.optional": rolls(true, { at: "extraVolumes[1].configMap.optional" }),
    "extraVolumes[].persistentVolumeClaim.claimName": rolls("two", {
      at: "extraVolumes[2].persistentVolumeClaim.claimName",
    }),
    "extraVolumes[].emptyDir.medium": rolls("Memory", { at: "extraVolumes[3].emptyDir.medium" }),
    "extraVolumes[].emptyDir.sizeLimit": rolls("2Gi", { at: "extraVolumes[3].emptyDir.sizeLimit" }),
    serviceAccountAnnotations: rolls({ "example.org/role": "one" }),
    terminationGracePeriodSeconds: rolls(45),
  };
  return under(
    place,
    Object.fromEntries(Object.entries(leaves).map(([path, leaf]) => [path, { ...leaf, ...differ[path] }])),
  );
}
