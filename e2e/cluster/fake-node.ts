/** One node without a machine: large enough for anything, kept alive by kwok. And a storage class that can grow. Pure. */
import { parseAllDocuments, stringify } from "yaml";

const size = { cpu: "100000", memory: "400000Gi", pods: "100000", "ephemeral-storage": "400000Gi" };

/** By the path to which each is posted. */
export const fakeNodeObjects: readonly (readonly [path: string, object: object])[] = [
  [
    "/api/v1/nodes",
    {
      apiVersion: "v1",
      kind: "Node",
      metadata: {
        name: "fake",
        annotations: { "kwok.x-k8s.io/node": "fake" },
        labels: {
          "kubernetes.io/hostname": "fake",
          "kubernetes.io/os": "linux",
          "kubernetes.io/arch": "amd64",
        },
      },
      status: { capacity: size, allocatable: size },
    },
  ],
  [
    "/apis/storage.k8s.io/v1/storageclasses",
    {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "standard", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
      provisioner: "zuul-pulp/simulated",
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
    },
  ],
];

/**
 * What kwok does with pods, as it comes with it, but for one thing. Its own deletion of a pod is an event that makes it
 * delete that pod again, by name and with no uid: a StatefulSet's next pod has the same name, and on a busy machine it
 * was deleted instead, and so the next, for ever.
 *
 * @param stages YAML documents of the module
 */
export function podStages(stages: string): string {
  const once = { key: ".metadata.deletionGracePeriodSeconds | tostring", operator: "NotIn", values: ["0"] };
  return parseAllDocuments(stages)
    .map((document) => {
      if (document.getIn(["metadata", "name"]) === "pod-delete")
        document.addIn(["spec", "selector", "matchExpressions"], once);
      return stringify(document);
    })
    .join("---\n");
}
