/** Power beyond the namespace that a Zuul may need, and what of it the administrator granted at install. Pure. */
import type { Grant, Grants } from "@zuul-pulp/k8s-core/model";

export interface ZuulPermissions {
  /** Folders of the node below which job volumes may lie. */
  readonly hostPathPrefixes: readonly string[];
  readonly privilegedExecutor: boolean;
  readonly privilegedBuilder: boolean;
}

export const zuulGrants: readonly Grant[] = [
  {
    name: "host-path",
    form: "listed",
    help: "host paths below this prefix may be mounted into jobs",
    offline: ["/"],
  },
  {
    name: "privileged-executor",
    form: "refusable",
    help: "refuse resources whose executors need a privileged pod",
  },
  {
    name: "privileged-builder",
    form: "allowable",
    help: "allow resources to ask for privileged image builders",
  },
];

export function zuulPermissions(grants: Grants): ZuulPermissions {
  const prefixes = grants["host-path"];
  return {
    hostPathPrefixes: prefixes === undefined || prefixes === true ? [] : prefixes,
    privilegedExecutor: grants["privileged-executor"] === true,
    privilegedBuilder: grants["privileged-builder"] === true,
  };
}
