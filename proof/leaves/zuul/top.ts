/** Fields of no section. */
import type { Leaves } from "../leaf.ts";
import { daemons, everything, nodepool } from "./workloads.ts";

const jobVolume = { to: "/mnt/two", rolls: ["executor"] } as const;
const later = { to: 0, rolls: [], wrong: 1, noEffect: "this release has none of them" } as const;

export const top: Leaves = {
  version: { to: "14.2.0", rolls: daemons, wrong: "15.0.0", refusal: "spec.version 15.0.0" },
  nodepoolVersion: { to: "10.0.0", rolls: nodepool },
  imagePrefix: { to: "example.org/zuul", rolls: [...daemons, ...nodepool] },
  "imagePullSecrets[].name": { to: "other", rolls: everything },
  "zuulLauncher.count": { ...later, refusal: "spec.zuulLauncher" },
  "registry.count": { ...later, refusal: "spec.registry" },
  "preview.count": { ...later, refusal: "spec.preview" },
  "jobVolumes[].name": { to: "two", rolls: [], noEffect: "accepted because the volume may carry it here" },
  "jobVolumes[].context": { ...jobVolume, to: "untrusted" },
  "jobVolumes[].access": { ...jobVolume, to: "rw" },
  "jobVolumes[].path": { ...jobVolume, wrong: "/tmp/one" },
  "jobVolumes[].volume": {
    ...jobVolume,
    to: { hostPath: { path: "/srv" } },
    wrong: { hostPath: { path: "srv" } },
  },
  "logging.debug": { to: true, rolls: [...daemons, ...nodepool] },
  "logging.config": { to: { configMapName: "other-files" }, rolls: [...daemons, ...nodepool], wrong: 7 },
  deletionPolicy: { to: "Delete", rolls: [] },
  paused: { to: true, rolls: [], noEffect: "the loop stands still before this line begins" },
};
