/** Which kinds a controller has objects of. Watches, pruning and RBAC ask the same question here. Pure. */
import { type KindSpec, kindId, kinds } from "../kinds.ts";
import type { ControllerProps } from "./controller.ts";

/** The declared kinds, each once and without pods. */
export function ownedKinds({ owns }: Pick<ControllerProps, "owns">): readonly KindSpec[] {
  const made = owns.filter(({ kind }) => kind !== kinds.Pod.kind);
  return [...new Map(made.map((kind) => [kindId(kind), kind])).values()];
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
