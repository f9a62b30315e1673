/** The rights that an operator needs, computed from what its controllers declare. Pure. */
import { type ControllerProps } from "./control/controller.ts";
import { namedKinds, ownedKinds } from "./control/owned.ts";
import { groupOf, type KindSpec, kinds } from "./kinds.ts";

export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

type Declared = Pick<ControllerProps, "definition" | "owns" | "reads">;

const verbOrder: readonly string[] = ["get", "list", "watch", "create", "update", "patch", "delete"];
const readVerbs = ["get", "list", "watch"];
/** Create beside patch: a server-side apply of an absent object needs both. */
const ownVerbs = [...readVerbs, "create", "patch", "delete"];

/** Rights in each watched namespace. One rule per group and set of verbs, in stable order. */
export function rulesFor(controllers: readonly Declared[]): readonly PolicyRule[] {
  const verbs = new Map<string, Set<string>>();
  const grant = (group: string, resource: string, granted: readonly string[]) => {
    const id = `${group}/${resource}`;
    verbs.set(id, new Set([...(verbs.get(id) ?? []), ...granted]));
  };
  const grantKind = (kind: KindSpec, granted: readonly string[]) =>
    grant(groupOf(kind.apiVersion), kind.plural, granted);
  for (const controller of controllers) {
    const { group, plural } = controller.definition;
    grant(group, plural, ["list", "watch"]);
    grant(group, `${plural}/status`, ["patch"]);
    // For blockOwnerDeletion where the admission plugin of OpenShift checks it.
    grant(group, `${plural}/finalizers`, ["update"]);
    for (const kind of namedKinds(controller)) grantKind(kind, readVerbs);
    for (const kind of ownedKinds(controller)) grantKind(kind, ownVerbs);
    grantKind(kinds.Pod, ["list", "watch"]);
    grantKind(kinds.Event, ["create", "patch"]);
  }
  return grouped(verbs);
}

/** Rights in the operator's own namespace: its Lease, and nothing else. */
export function homeRules(operator: string): readonly PolicyRule[] {
  const apiGroups = [groupOf(kinds.Lease.apiVersion)];
  const resources = [kinds.Lease.plural];
  return [
    // Creation cannot be limited to a name.
    { apiGroups, resources, verbs: ["create"] },
    { apiGroups, resources, resourceNames: [leaseName(operator)], verbs: ["get", "watch", "update"] },
  ];
}

/** `zuul-operator-leader`. */
export function leaseName(operator: string): string {
  return `${operator}-leader`;
}

function grouped(verbs: ReadonlyMap<string, ReadonlySet<string>>): readonly PolicyRule[] {
  const rules = new Map<string, { group: string; verbs: readonly string[]; resources: string[] }>();
  for (const id of [...verbs.keys()].sort()) {
    const slash = id.indexOf("/");
    const group = id.slice(0, slash);
    const sorted = [...(verbs.get(id) ?? [])].sort((a, b) => verbOrder.indexOf(a) - verbOrder.indexOf(b));
    const key = `${group} ${sorted.join()}`;
    const rule = rules.get(key) ?? { group, verbs: sorted, resources: [] };
    rule.resources.push(id.slice(slash + 1));
    rules.set(key, rule);
  }
  return [...rules.values()].map(({ group, resources, verbs: granted }) => ({
    apiGroups: [group],
    resources,
    verbs: granted,
  }));
}
