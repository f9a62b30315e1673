/** Which kinds a controller has objects of. Watches, pruning and RBAC ask the same question here. Pure. */
import { type KindSpec, kindId, kinds } from "../kinds.ts";
import type { ControllerProps } from "./controller.ts";

/** The declared kinds, and Secrets when Secrets are read, as then some may be generated. Without pods. */
export function ownedKinds({ owns, reads }: Pick<ControllerProps, "owns" | "reads">): readonly KindSpec[] {
  const all = [...owns, ...(reads.includes("Secret") ? [kinds.Secret] : [])].filter(
    ({ kind }) => kind !== kinds.Pod.kind,
  );
  return [...new Map(all.map((kind) => [kindId(kind), kind])).values()];
}

/** Kinds whose names are watched although the objects are not ours: what the line reads, and what could be in the way. */
export function namedKinds(controller: Pick<ControllerProps, "owns" | "reads">): readonly KindSpec[] {
  const kindsWithValues = [kinds.Secret, kinds.ConfigMap];
  return kindsWithValues.filter(
    ({ kind }) =>
      controller.reads.some((read) => read === kind) ||
      ownedKinds(controller).some((owned) => owned.kind === kind && owned.apiVersion === "v1"),
  );
}
