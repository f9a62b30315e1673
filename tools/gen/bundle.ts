/** The OLM bundle of one operator: CSV, CRDs, annotations. Rights come from the same place as those of `install`. Pure. */
import { installManifests, type OperatorDefinition } from "@zuul-pulp/k8s-core/cli";
import { homeRules, rulesFor } from "@zuul-pulp/k8s-core";
import { defaultGrants } from "@zuul-pulp/k8s-core/model";
import { header, yamlOf } from "./deploy.ts";

/** Who makes this; there is no address that could be given. */
const makers = "zuul-pulp-operators";

/** @param samples one resource per kind, by kind */
export function bundleFiles(
  operator: OperatorDefinition,
  samples: ReadonlyMap<string, object>,
): ReadonlyMap<string, string> {
  const { name } = operator;
  const at = (path: string): string => `${name}/bundle/${path}`;
  return new Map([
    [at(`manifests/${name}.clusterserviceversion.yaml`), yamlOf([csv(operator, samples)])],
    ...operator.definitions.map(
      (definition) =>
        [
          at(`manifests/${definition.plural}.${definition.group}.yaml`),
          yamlOf([definition.toCrd()]),
        ] as const,
    ),
    [at("metadata/annotations.yaml"), yamlOf([{ annotations: annotations(name) }])],
    [at("bundle.Dockerfile"), dockerfile(name)],
  ]);
}

const prefix = "operators.operatorframework.io";

const annotations = (name: string): Readonly<Record<string, string>> => ({
  [`${prefix}.bundle.mediatype.v1`]: "registry+v1",
  [`${prefix}.bundle.manifests.v1`]: "manifests/",
  [`${prefix}.bundle.metadata.v1`]: "metadata/",
  [`${prefix}.bundle.package.v1`]: name,
  [`${prefix}.bundle.channels.v1`]: "alpha",
  [`${prefix}.bundle.channel.default.v1`]: "alpha",
});

function dockerfile(name: string): string {
  const labels = Object.entries(annotations(name)).map(([key, value]) => `LABEL ${key}=${value}\n`);
  return `${header}FROM scratch\n${labels.join("")}COPY manifests /manifests/\nCOPY metadata /metadata/\n`;
}

function csv(operator: OperatorDefinition, samples: ReadonlyMap<string, object>): object {
  const { name, product, version, image, controllers, definitions } = operator;
  const { rest } = installManifests({
    operator,
    namespace: name,
    watch: { kind: "own" },
    image: `${image}:${version}`,
    grants: defaultGrants(operator.grants),
  });
  const deployment = rest.find(({ kind }) => kind === "Deployment");
  const watched = {
    name: "WATCH_NAMESPACE",
    valueFrom: { fieldRef: { fieldPath: "metadata.annotations['olm.targetNamespaces']" } },
  };
  const spec: unknown = JSON.parse(JSON.stringify(deployment?.["spec"]), (_, value: unknown) =>
    Object(value)["name"] === "WATCH_NAMESPACE" ? watched : value,
  );
  const summary = `Runs ${product} on Kubernetes from one resource`;
  return {
    apiVersion: "operators.coreos.com/v1alpha1",
    kind: "ClusterServiceVersion",
    metadata: {
      name: `${name}.v${version}`,
      labels: {
        "operatorframework.io/arch.amd64": "supported",
        "operatorframework.io/arch.arm64": "supported",
        "operatorframework.io/os.linux": "supported",
      },
      annotations: {
        "alm-examples": JSON.stringify(definitions.map(({ kind }) => samples.get(kind) ?? {})),
        capabilities: "Seamless Upgrades",
        categories: "Integration & Delivery, Developer Tools",
        containerImage: `${image}:${version}`,
        description: summary,
        support: makers,
      },
    },
    spec: {
      displayName: `${product} operator`,
      description: `${summary}.`,
      version,
      maturity: "alpha",
      minKubeVersion: "1.30.0",
      keywords: [product.toLowerCase()],
      provider: { name: makers },
      maintainers: [{ name: makers }],
      installModes: ["OwnNamespace", "SingleNamespace", "MultiNamespace", "AllNamespaces"].map((type) => ({
        type,
        supported: true,
      })),
      install: {
        strategy: "deployment",
        spec: {
          deployments: [{ name, spec }],
          permissions: [{ serviceAccountName: name, rules: [...rulesFor(controllers), ...homeRules(name)] }],
        },
      },
      customresourcedefinitions: {
        owned: definitions.map(({ plural, group, version: served, kind, structural }) => ({
          name: `${plural}.${group}`,
          version: served,
          kind,
          displayName: kind,
          description: structural.spec.description ?? `One ${kind}`,
          resources: controllers
            .filter(({ resource }) => resource.kind === kind)
            .flatMap(({ owns }) =>
              owns.map((owned) => ({
                kind: owned.kind,
                version: owned.apiVersion.split("/").at(-1),
                name: "",
              })),
            ),
          specDescriptors: Object.entries(structural.spec.properties ?? {}).map(([path, field]) => ({
            path,
            displayName: path,
            description: field.description ?? "",
          })),
          statusDescriptors: Object.entries(structural.status.properties ?? {}).map(([path, field]) => ({
            path,
            displayName: path,
            description: field.description ?? "",
          })),
        })),
      },
    },
  };
}
