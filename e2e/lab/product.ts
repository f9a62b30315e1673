/** The two operators as suites, figures and proof see them: definition, bundle, and a small resource of each. Data. */
import { kinds, type KindSpec } from "@zuul-pulp/k8s-core";
import type { OperatorDefinition } from "@zuul-pulp/k8s-core/cli";
import type { Manifest } from "@zuul-pulp/k8s-core/model";
import { pulpOperator } from "../../apps/pulp-operator/src/operator.ts";
import { zuulOperator } from "../../apps/zuul-operator/src/operator.ts";

export interface Product {
  readonly app: "zuul-operator" | "pulp-operator";
  readonly operator: OperatorDefinition;
  readonly resource: KindSpec;
  /** What a resource refers to; one for all resources of a namespace. */
  readonly references: readonly (readonly [KindSpec, Manifest])[];
  /** One resource with every part, each at evaluation size. */
  manifest(name: string): Manifest;
  /** A merge patch that changes one child; another one for odd than for even rounds. */
  edit(round: number): object;
}

/** `main.yaml` of the ConfigMap `tenants`, which every Zuul here refers to. */
export const exampleTenants = `- tenant:
    name: example
    source: {git: {config-projects: [project-config], untrusted-projects: [sandbox]}}
`;

const zuul: Product = {
  app: "zuul-operator",
  operator: zuulOperator,
  resource: { apiVersion: "zuul-ci.org/v1alpha1", kind: "Zuul", plural: "zuuls", namespaced: true },
  references: [
    [
      kinds.ConfigMap,
      {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "tenants" },
        data: { "main.yaml": exampleTenants },
      },
    ],
  ],
  manifest: (name) => ({
    apiVersion: "zuul-ci.org/v1alpha1",
    kind: "Zuul",
    metadata: { name },
    spec: {
      database: { mode: "single" },
      zookeeper: { count: 1 },
      scheduler: { count: 1, config: "tenants" },
      executor: { count: 1 },
      merger: { count: 1, git_user_email: "zuul@example.org", git_user_name: "Zuul" },
      web: { count: 1, status_url: "https://zuul.example.org" },
      fingergw: { count: 1 },
      connections: { git: { driver: "git", baseurl: "https://git.example.org" } },
    },
  }),
  edit: (round) => ({ spec: { merger: { count: 1 + (round % 2) } } }),
};

const pulp: Product = {
  app: "pulp-operator",
  operator: pulpOperator,
  resource: { apiVersion: "pulpproject.org/v1alpha1", kind: "Pulp", plural: "pulps", namespaced: true },
  references: [],
  manifest: (name) => ({
    apiVersion: "pulpproject.org/v1alpha1",
    kind: "Pulp",
    metadata: { name },
    spec: {
      api: { replicas: 1 },
      content: { replicas: 1 },
      worker: { replicas: 1 },
      web: { replicas: 1 },
      database: { single: { storage: { size: "2Gi" } } },
      cache: { enabled: true, single: {} },
      storage: { filesystem: { size: "5Gi", accessMode: "ReadWriteMany" } },
      expose: { type: "NodePort" },
    },
  }),
  edit: (round) => ({ spec: { worker: { replicas: 1 + (round % 2) } } }),
};

export const products: readonly Product[] = [zuul, pulp];
