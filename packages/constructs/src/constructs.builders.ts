/** Short builders for the tests of this package. */
import type { Manifest } from "@zuul-pulp/k8s-core/model";
import type { Construct } from "constructs";
import type { Container } from "./container.ts";
import type { Member } from "./member.ts";
import { synthesize } from "./synthesize.ts";

export const web: Member = {
  name: "zuul",
  instance: "ci",
  component: "web",
  version: "14.3.0",
  partOf: "zuul",
  managedBy: "test",
};

export function container(changes: Partial<Container> = {}): Container {
  return { name: "web", image: "example.org/web:1", ...changes };
}

/** The manifests of one construct in namespace `ns`. */
export function manifestsOf(build: (scope: Construct) => void): Manifest[] {
  return synthesize(build, { namespace: "ns" });
}

/** The only manifest of that kind. */
export function only(manifests: readonly Manifest[], kind: string): Manifest {
  const found = manifests.filter((manifest) => manifest.kind === kind);
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(`${found.length} manifests of kind ${kind}`);
  return first;
}

/** What lies at a path such as `spec.template.spec.containers.0.env`. */
export function at(value: unknown, path: string): unknown {
  let here = value;
  for (const step of path.split(".")) {
    if (typeof here !== "object" || here === null) return undefined;
    here = Object.entries(here).find(([key]) => key === step)?.[1];
  }
  return here;
}
