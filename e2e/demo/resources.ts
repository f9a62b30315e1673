/** The two resources of the demo, at evaluation size, with everything that they refer to. Pure manifests. */
import type { Manifest } from "@zuul-pulp/k8s-core/model";
import type { DemoImages } from "./images.ts";

export const namespaces = {
  operators: "zuul-pulp-operators",
  zuul: "zuul",
  zuulTwo: "zuul-two",
  pulp: "pulp",
  pulpTwo: "pulp-two",
} as const;

/** What each operator watches; the second namespaces are for tests of several resources side by side. */
export const watched = {
  zuul: [namespaces.zuul, namespaces.zuulTwo],
  pulp: [namespaces.pulp, namespaces.pulpTwo],
} as const;

export const zuulWebNodePort = 30900;

const podSecurity = (level: "restricted" | "privileged"): Record<string, string> => ({
  "pod-security.kubernetes.io/enforce": level,
});

/** Zuul's executor is privileged, so its namespace cannot be restricted; everything else is. */
export function namespaceManifests(): readonly Manifest[] {
  const namespace = (name: string, level: "restricted" | "privileged"): Manifest => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels: podSecurity(level) },
  });
  return [
    namespace(namespaces.operators, "restricted"),
    ...watched.pulp.map((name) => namespace(name, "restricted")),
    ...watched.zuul.map((name) => namespace(name, "privileged")),
  ];
}

const tenantFile = `- tenant:
    name: example
    source:
      git:
        config-projects:
          - project-config: {load-branch: main}
        untrusted-projects:
          - sandbox
`;

export function zuulResources(images: DemoImages, nodeAddress: string): readonly Manifest[] {
  return [
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "zuul-yaml" },
      data: { "main.yaml": tenantFile },
    },
    {
      apiVersion: "zuul-ci.org/v1alpha1",
      kind: "Zuul",
      metadata: { name: "zuul" },
      spec: {
        version: images.zuulVersion,
        imagePrefix: images.prefix,
        database: { mode: "single", image: images.mariadb },
        zookeeper: { count: 1, image: images.zookeeper },
        scheduler: { count: 1, config: "zuul-yaml" },
        // The machine is small and busy: without this the executor takes no build until the load has fallen.
        executor: { count: 1, load_multiplier: 20 },
        merger: { count: 1, git_user_email: "zuul@example.org", git_user_name: "Example Zuul" },
        web: {
          count: 1,
          status_url: `http://${nodeAddress}:${zuulWebNodePort}`,
          expose: { type: "NodePort", nodePort: zuulWebNodePort },
        },
        fingergw: { count: 1 },
        connections: { git: { driver: "git", baseurl: "git://git-server/", poll_delay: 3 } },
      },
    },
  ];
}

export function pulpResource(images: DemoImages): Manifest {
  return {
    apiVersion: "pulpproject.org/v1alpha1",
    kind: "Pulp",
    metadata: { name: "pulp" },
    spec: {
      image: images.pulp,
      version: images.pulpVersion,
      api: { replicas: 1 },
      content: { replicas: 1 },
      worker: { replicas: 1 },
      web: { replicas: 1, image: images.nginx },
      database: { single: { image: images.postgres, storage: { size: "2Gi" } } },
      cache: { enabled: true, single: { image: images.cache } },
      storage: { filesystem: { size: "5Gi", accessMode: "ReadWriteMany" } },
      expose: { type: "NodePort" },
    },
  };
}
