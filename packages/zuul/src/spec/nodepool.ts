/** Nodepool: launchers, one per provider of the file, and image builders. Pure. */
import { storageSchema } from "@zuul-pulp/constructs";
import { doc, image, map, opaque } from "@zuul-pulp/k8s-core/crd";
import { configRef, secretRef } from "@zuul-pulp/secret-ref";
import { z } from "zod";
import { count, pod } from "./parts.ts";

const nodepoolImage = (program: string) =>
  doc(`Image of ${program}. Default: imagePrefix/${program} with spec.nodepoolVersion.`, image().optional());

export const launcherSpec = z.object({
  count: doc("Refused: there is exactly one launcher for each provider of the file.", opaque().optional()),
  config: doc(
    'nodepool.yaml: a ConfigMap name, {configMapName, key} or {secretName, key}. Key: "nodepool.yaml".',
    configRef(),
  ),
  drain: doc(
    "A provider that leaves the file is drained: its launcher goes when its nodes and images are deleted. false: at once, and they stay in the cloud.",
    z.boolean().default(true),
  ),
  image: nodepoolImage("nodepool-launcher"),
  pod: pod(),
});

export const builderSpec = z.object({
  count: count("Number of image builders, each with a disk of its own.", 1, 20),
  config: doc("nodepool.yaml, as for launcher.", configRef()),
  privileged: doc(
    "Run privileged, which most image formats need; the administrator must have allowed it at install.",
    z.boolean().default(false),
  ),
  secureEnv: doc(
    "Secret environment of image builds: disk image → variable → {secretName, key}. Written to secure.conf.",
    map(map(secretRef(), { max: 50 }), { max: 100 }).optional(),
  ),
  storage: doc("Built images and the builder's identity.", storageSchema({ size: "50Gi" }).prefault({})),
  image: nodepoolImage("nodepool-builder"),
  pod: pod(),
});
