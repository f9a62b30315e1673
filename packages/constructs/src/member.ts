/** Who an object belongs to: what every construct takes as `member`, and the labels that follow from it. Pure. */
import { type Membership, memberLabels, selectorLabels } from "@zuul-pulp/k8s-core/model";

/** A component of one resource, with the labels that are not part of selectors. */
export interface Member extends Membership {
  /** Version of the program that runs; a label of the objects, never of pods or selectors. */
  readonly version?: string;
  /** The product: `zuul`, `pulp`. */
  readonly partOf: string;
  /** The operator (or tool) that applies the objects. */
  readonly managedBy: string;
}

/** Another component of the same resource. */
export function componentOf(member: Member, name: string, component: string): Member {
  return { name, instance: member.instance, component, partOf: member.partOf, managedBy: member.managedBy };
}

/**
 * Labels of pods: without `version`, so that a new version label alone restarts nothing.
 * Also for claim templates, which are immutable.
 */
export function podLabels(member: Member): Record<string, string> {
  return {
    ...selectorLabels(member),
    "app.kubernetes.io/part-of": member.partOf,
    "app.kubernetes.io/managed-by": member.managedBy,
  };
}

export function objectLabels(member: Member): Record<string, string> {
  return memberLabels(member);
}
