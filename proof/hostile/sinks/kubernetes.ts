/**
 * Names, labels and annotations of what we make, held against Kubernetes' own rules of validation, written here once more:
 * what they refuse must have been refused by us, and what is accepted stands in the manifest as it is.
 * @see Kubernetes 1.35, apimachinery `util/validation`
 */
import type { Manifest } from "@zuul-pulp/k8s-core/model";
import { pulpOf, zuulOf } from "../products.ts";
import type { Shared, Single } from "../sink.ts";
import { nul, type Unfit } from "../unfit.ts";

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const name63 = /^([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$/;

const isKey = (key: string): boolean => {
  const slash = key.lastIndexOf("/");
  const prefix = key.slice(0, Math.max(0, slash));
  return name63.test(key.slice(slash + 1)) && (slash < 0 || (prefix.length <= 253 && subdomain.test(prefix)));
};
const isName = (text: string): boolean => text.length <= 253 && subdomain.test(text);

const unlessIs =
  (reason: string, is: (value: string) => boolean): Unfit =>
  (value) =>
    is(value) ? undefined : reason;

/** Texts by their own words: what the web pods of the Zuul got. */
function webPod(manifests: readonly Manifest[]): Readonly<Record<string, unknown>> {
  const web = manifests.find(({ kind, metadata }) => kind === "Deployment" && metadata.name === "zuul-web");
  return Object(Object(web?.["spec"])["template"]);
}

const echo: Single["judge"] = async (rendered) => new Map(rendered.map(([id, text]) => [id, String(text)]));

const textsOf = (value: unknown): readonly (readonly [string, string])[] =>
  Object.entries(Object(value)).map(([key, text]) => [key, String(text)]);

/** Ours win, so only that the key is there counts. */
function keySink(field: "labels" | "annotations", isValid: (key: string) => boolean): Single {
  return {
    name: `web.pod.${field}: a key`,
    isSecret: false,
    fieldOf: ({ value }) => `spec.web.pod.${field}.${value}:`,
    unfit: unlessIs("it is no key", isValid),
    render: async (value) => {
      const pod = webPod(await zuulOf({ web: { pod: { [field]: { [value]: "x" } } } }));
      return textsOf(Object(pod["metadata"])[field]).find(([key]) => key === value)?.[0];
    },
    judge: echo,
  };
}

export const labelKey = keySink("labels", isKey);
export const annotationKey = keySink("annotations", (key) => isKey(key.toLowerCase()));

function valueSink(field: "labels" | "annotations", unfit: Unfit): Shared {
  return {
    name: `web.pod.${field}: a value`,
    isSecret: false,
    atOnce: 50,
    fieldOf: ({ id }) => `spec.web.pod.${field}.k${id}`,
    unfit,
    read: async (given) => {
      const texts = Object.fromEntries(given.map(({ id, value }) => [`k${id}`, value]));
      const pod = webPod(await zuulOf({ web: { pod: { [field]: texts } } }));
      return numbered(textsOf(Object(pod["metadata"])[field]), /^k(\d+)$/);
    },
  };
}

function numbered(texts: readonly (readonly [string, string])[], form: RegExp): ReadonlyMap<number, string> {
  return new Map(
    texts.flatMap(([key, text]) => {
      const id = form.exec(key)?.[1];
      return id === undefined ? [] : [[Number(id), text] as const];
    }),
  );
}

export const labelValue = valueSink(
  "labels",
  unlessIs("it is no value of a label", (value) => value === "" || name63.test(value)),
);
export const annotationValue = valueSink("annotations", () => undefined);

export const variableValue: Shared = {
  name: "web.pod.env: a value",
  isSecret: false,
  atOnce: 100,
  fieldOf: (_, position) => `spec.web.pod.env[${position}].value`,
  unfit: nul,
  // Half of a surrogate pair never gets past the API server.
  expected: (value) => Buffer.from(value).toString(),
  read: async (given) => {
    const env = given.map(({ id, value }) => ({ name: `K${id}`, value }));
    const pod = webPod(await zuulOf({ web: { pod: { env } } }));
    const set: readonly { name: string; value?: string }[] = Object(Object(pod["spec"])["containers"])[0].env;
    return numbered(
      set.map(({ name, value = "" }) => [name, expanded(value)]),
      /^K(\d+)$/,
    );
  },
};

/**
 * What kubelet makes of a literal when no variable is known: it works on bytes, and takes the byte after a `$` for a
 * whole character.
 * @see Kubernetes 1.35, third_party/forked/golang/expansion/expand.go
 */
function expanded(text: string): string {
  const bytes = Buffer.from(text).toString("latin1");
  const read = bytes.replaceAll(/\$(\$|\([^)]*\)|\(|[^])/g, (all, next: string) => {
    if (next === "$") return "$";
    if (next.length > 1) return `$(${next.slice(1, -1)})?`;
    return next.charCodeAt(0) < 0x80 ? all : `$${Buffer.from(next).toString("latin1")}`;
  });
  return Buffer.from(read, "latin1").toString("utf8");
}

export const hostOfIngress: Single = {
  name: "expose.host of an Ingress",
  isSecret: false,
  fieldOf: () => "spec.expose.host",
  unfit: unlessIs("it is no host of an Ingress", isName),
  render: async (value) => {
    const manifests = await pulpOf({ expose: { type: "Ingress", host: value } });
    const ingress = manifests.find(({ kind }) => kind === "Ingress");
    return Object(Object(ingress?.["spec"])["rules"])[0]?.host;
  },
  judge: echo,
};

export const cloudName: Single = {
  name: "externalConfig: a name, which is a folder in pods",
  isSecret: false,
  fieldOf: ({ value }) => `spec.externalConfig.${value}`,
  unfit: unlessIs(
    "it is no folder of its own",
    (value) =>
      /^[A-Za-z0-9][\w-]{0,62}$/.test(value) && !["zuul", "nodepool", "zookeeper-client"].includes(value),
  ),
  render: async (value) => {
    const pools = {
      "nodepool.yaml":
        "labels: [{name: a}]\nproviders: [{name: a, driver: static, pools: [{name: main, nodes: []}]}]\n",
    };
    const manifests = await zuulOf(
      { builder: { config: "pools" }, externalConfig: { [value]: { secretName: "s" } } },
      { secrets: { s: { file: "x" } }, configMaps: { pools } },
    );
    const builder = manifests.find(
      ({ kind, metadata }) => kind === "StatefulSet" && metadata.name === "zuul-nodepool-builder",
    );
    const template = Object(Object(builder?.["spec"])["template"]);
    const mounts: readonly { mountPath: string }[] = Object(Object(template.spec)["containers"])[0]
      .volumeMounts;
    const paths = mounts.map(({ mountPath }) => mountPath);
    if (new Set(paths).size < paths.length) return "two mounts at one path";
    return paths.find((path) => path === `/etc/${value}`)?.slice("/etc/".length);
  },
  judge: echo,
};
