/** Files that install one operator: one-file manifests, kustomize, Helm chart. All from `installManifests`. Pure. */
import {
  grantAttribute,
  grantFlag,
  installManifests,
  type OperatorDefinition,
} from "@zuul-pulp/k8s-core/cli";
import type { WatchScope } from "@zuul-pulp/k8s-core";
import { defaultGrants, type Grant, type Manifest } from "@zuul-pulp/k8s-core/model";
import { stringify } from "yaml";
import { generatedMark } from "./files.ts";

export const header = `# ${generatedMark}; changes belong into the sources.\n`;

export const toYaml = (manifest: object): string =>
  stringify(manifest, { lineWidth: 0, aliasDuplicateObjects: false });

export function yamlOf(manifests: readonly object[], intro = ""): string {
  return header + intro + manifests.map(toYaml).join("---\n");
}

function manifestsFor(operator: OperatorDefinition, watch: WatchScope, namespace: string, image: string) {
  return installManifests({ operator, namespace, watch, image, grants: defaultGrants(operator.grants) });
}

/** @returns path below `deploy/` to text */
export function deployFiles(operator: OperatorDefinition): ReadonlyMap<string, string> {
  const { name, version, image } = operator;
  const oneFile = (watch: WatchScope, file: string): string => {
    const { crds, rest } = manifestsFor(operator, watch, name, `${image}:${version}`);
    return yamlOf([...crds, ...rest], `# kubectl apply --server-side -f deploy/${name}/${file}\n`);
  };
  return new Map([
    [`${name}/install.yaml`, oneFile({ kind: "own" }, "install.yaml")],
    [`${name}/cluster/install.yaml`, oneFile({ kind: "all" }, "cluster/install.yaml")],
    [`${name}/kustomization.yaml`, yamlOf([kustomization])],
    [`${name}/cluster/kustomization.yaml`, yamlOf([kustomization])],
    ...chart(operator),
  ]);
}

const kustomization = {
  apiVersion: "kustomize.config.k8s.io/v1beta1",
  kind: "Kustomization",
  resources: ["install.yaml"],
};

// Stand-ins that survive YAML unquoted; replaced by template actions in the text.
const token = {
  namespace: "xx-namespace-xx",
  image: "xx-image-xx",
  watched: "xx-watched-xx",
  env: "xx-env-xx",
};

/** A Helm chart whose `helm template` gives what `install --print` gives, per watch mode. */
function chart(operator: OperatorDefinition): readonly (readonly [string, string])[] {
  const { name, product, version, image } = operator;
  const at = (path: string): string => `${name}/chart/${path}`;
  const ofMode = (watch: WatchScope): readonly Manifest[] =>
    manifestsFor(operator, watch, token.namespace, token.image).rest.filter(
      ({ kind }) => kind !== "Namespace",
    );
  const isRights = ({ kind }: Manifest): boolean => kind.includes("Role");
  const own = ofMode({ kind: "own" });
  const isHome = ({ metadata }: Manifest): boolean => metadata.name.endsWith("-leader");
  const section = (manifests: readonly Manifest[]): string => templated(manifests.map(toYaml).join("---\n"));
  const rights = [
    section(own.filter((manifest) => isRights(manifest) && isHome(manifest))),
    `{{- if eq .Values.watch "own" }}\n---\n${section(own.filter((one) => isRights(one) && !isHome(one)))}`,
    `{{- else if eq .Values.watch "all" }}\n---\n${section(ofMode({ kind: "all" }).filter((one) => isRights(one) && !isHome(one)))}`,
    `{{- else }}\n{{- range splitList "," .Values.watch }}\n---\n${section(
      ofMode({ kind: "namespaces", namespaces: [token.watched] }).filter(
        (one) => isRights(one) && !isHome(one),
      ),
    )}{{- end }}\n{{- end }}\n`,
  ];
  const workload = own
    .filter((manifest) => !isRights(manifest))
    .map((manifest) => toYaml(withTokens(manifest)));
  const values = {
    image: { repository: image, tag: "" },
    replicas: 1,
    watch: "own",
    crds: { enabled: true, keep: true },
    ...Object.fromEntries(
      operator.grants.map((grant) => [
        valueName(grant),
        grant.form === "listed" ? [] : grant.form === "refusable",
      ]),
    ),
  };
  return [
    [
      at("Chart.yaml"),
      yamlOf([
        {
          apiVersion: "v2",
          name,
          description: `Runs ${product} on Kubernetes from one resource`,
          type: "application",
          version,
          appVersion: version,
          kubeVersion: ">=1.30.0-0",
          annotations: { "artifacthub.io/operator": "true", "artifacthub.io/license": "Apache-2.0" },
        },
      ]),
    ],
    [at("values.yaml"), `${header}${comments(operator.grants)}${toYaml(values)}`],
    [at("values.schema.json"), `${JSON.stringify(valuesSchema(values), null, 2)}\n`],
    [at("templates/rights.yaml"), header + rights.join("")],
    [
      at("templates/operator.yaml"),
      header + templated(workload.join("---\n")).replace(/^( *)- xx-args-xx\n/m, argLines(operator.grants)),
    ],
    ...operator.definitions.map(
      (definition) =>
        [at(`templates/crd-${definition.plural}.yaml`), header + crdTemplate(definition.toCrd())] as const,
    ),
  ];
}

/** A list of the chart is named by the plural of its flag. */
const valueName = (grant: Grant): string => `${grantAttribute(grant)}${grant.form === "listed" ? "s" : ""}`;

const comments = (grants: readonly Grant[]): string =>
  `# watch: own, all, or namespaces separated by commas. crds.keep: leave the definitions, and with them all\n` +
  `# resources, when the chart is removed.${grants.length === 0 ? "" : ` ${grants.map(valueName).join(", ")}: power beyond the namespace.`}\n`;

/** The container's arguments, environment, image and replicas as tokens. */
function withTokens(manifest: Manifest): Manifest {
  if (manifest.kind !== "Deployment") return manifest;
  const text = JSON.stringify(manifest)
    .replace(/"args":\["run"[^\]]*\]/, '"args":["run","xx-args-xx"]')
    .replace(/"replicas":\d+/, '"replicas":"xx-replicas-xx"')
    .replace(
      `{"name":"WATCH_NAMESPACE","value":"${token.namespace}"}`,
      `{"name":"WATCH_NAMESPACE","value":"${token.env}"}`,
    );
  return JSON.parse(text);
}

function templated(text: string): string {
  return text
    .replaceAll(token.namespace, "{{ $.Release.Namespace }}")
    .replaceAll(token.watched, "{{ trim . }}")
    .replaceAll("xx-replicas-xx", "{{ .Values.replicas }}")
    .replaceAll(
      token.image,
      '"{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"',
    )
    .replaceAll(
      token.env,
      '{{ if eq .Values.watch "own" }}{{ .Release.Namespace }}{{ else if eq .Values.watch "all" }}""{{ else }}{{ .Values.watch | quote }}{{ end }}',
    );
}

function argLines(grants: readonly Grant[]) {
  return (_line: string, indent: string): string =>
    grants
      .flatMap((grant) => {
        const value = `.Values.${valueName(grant)}`;
        const flag = `${indent}- ${grantFlag(grant)}`;
        if (grant.form === "listed")
          return [`{{- range ${value} }}`, flag, `${indent}- {{ . | quote }}`, "{{- end }}"];
        return [`{{- if ${grant.form === "refusable" ? "not " : ""}${value} }}`, flag, "{{- end }}"];
      })
      .map((line) => `${line}\n`)
      .join("");
}

/** CRDs are templates, because Helm never upgrades what lies in `crds/`. */
function crdTemplate(crd: Manifest): string {
  const annotations =
    "{{- if .Values.crds.keep }}\n  annotations:\n    helm.sh/resource-policy: keep\n{{- end }}";
  const text = toYaml(crd).replaceAll("{{", '{{ "{{" }}');
  return `{{- if .Values.crds.enabled }}\n${text.replace(/^ {2}name: .*$/m, (line) => `${line}\n  ${annotations}`)}{{- end }}\n`;
}

function valuesSchema(values: object): object {
  return { $schema: "http://json-schema.org/draft-07/schema#", ...schemaOf(values) };
}

function schemaOf(value: unknown): object {
  if (Array.isArray(value)) return { type: "array", items: { type: "string" } };
  if (typeof value !== "object" || value === null)
    return { type: typeof value === "number" ? "integer" : typeof value };
  const properties = Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, schemaOf(member)]),
  );
  return { type: "object", additionalProperties: false, properties };
}
