/** Everything that is generated, as paths and text. Pure. */
import type { OperatorDefinition } from "@zuul-pulp/k8s-core/cli";
import { referenceOf } from "@zuul-pulp/k8s-core/crd";
import { bundleFiles } from "./bundle.ts";
import { deployFiles, yamlOf } from "./deploy.ts";
import type { Outputs } from "./files.ts";

/** Folders in which every marked file is one of ours. */
export const generatedFolders = ["crds", "deploy", "docs/reference"] as const;

/** Samples for pages and bundles: the least that is worth running. */
export const sampleSpecs: Readonly<Record<string, object>> = {
  Zuul: {
    scheduler: { config: { secretName: "zuul-tenants", key: "main.yaml" } },
    connections: {
      gerrit: {
        driver: "gerrit",
        server: "gerrit.example.com",
        user: "zuul",
        sshkey: { secretName: "gerrit" },
      },
    },
  },
  Pulp: {
    expose: { type: "Ingress", host: "pulp.example.com", tls: { secretName: "pulp-tls" } },
    storage: { filesystem: { size: "100Gi" } },
  },
};

export function outputsOf(operators: readonly OperatorDefinition[]): Outputs {
  const outputs = new Map<string, string>();
  for (const operator of operators) {
    const samples = new Map<string, object>();
    for (const definition of operator.definitions) {
      const { kind, plural, group, apiVersion } = definition;
      const spec = sampleSpecs[kind] ?? {};
      samples.set(kind, { apiVersion, kind, metadata: { name: "example" }, spec });
      outputs.set(`crds/${plural}.${group}.yaml`, yamlOf([definition.toCrd()]));
      outputs.set(`docs/reference/${kind}.md`, referenceOf(definition, spec));
    }
    for (const files of [deployFiles(operator), bundleFiles(operator, samples)])
      for (const [path, text] of files) outputs.set(`deploy/${path}`, text);
  }
  return outputs;
}
