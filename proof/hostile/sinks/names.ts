/** A resource's own name becomes part of every object's: each must be one that the API server takes. */
import type { Manifest } from "@zuul-pulp/k8s-core/model";
import { pulpOf, zuulOf } from "../products.ts";
import type { Single } from "../sink.ts";

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
/** Before Kubernetes 1.35 the name of a Service begins with a letter. */
const serviceName = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
const labelText = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

function problemsOf({ kind, metadata: { name, labels = {} } }: Manifest): readonly string[] {
  const most = kind === "StatefulSet" || kind === "Job" ? 63 : 253;
  const isName = kind === "Service" ? serviceName.test(name) : subdomain.test(name) && name.length <= most;
  return [
    ...(isName ? [] : [`${kind} ${name}`]),
    ...Object.entries(labels).flatMap(([key, value]) =>
      value.length <= 63 && labelText.test(value) ? [] : [`${kind} ${name}: ${key}=${value}`],
    ),
  ];
}

/** What the API server lets through as the name of a custom resource, and our rule about its length. */
const reachesUs = (value: string): boolean => subdomain.test(value) && value.length <= 52;

function nameSink(product: string, manifests: (name: string) => Promise<readonly Manifest[]>): Single {
  return {
    name: `name of a ${product}`,
    isSecret: false,
    fieldOf: () => "metadata.name",
    unfit: (value) =>
      reachesUs(value) && /^[a-z]/.test(value) ? undefined : "it is no name of a resource with Services",
    render: async (value) => {
      const problems = (await manifests(value)).flatMap(problemsOf);
      return problems.length === 0 ? value : problems.join("; ");
    },
    judge: async (rendered) => new Map(rendered.map(([id, text]) => [id, String(text)])),
  };
}

export const zuulName = nameSink("Zuul", (name) => zuulOf({}, { name }));
export const pulpName = nameSink("Pulp", (name) => pulpOf({}, { name }));
