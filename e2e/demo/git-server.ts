/** A git server in the cluster with the two repositories of the demo tenant. Pure manifests; `git daemon` from the base image. */
import type { Manifest } from "@zuul-pulp/k8s-core/model";

export const gitNodePort = 30418;

const labels = { "app.kubernetes.io/name": "git-server" };

/** Config project: the pipeline, the base job and what runs for `sandbox`. */
const projectConfig: Readonly<Record<string, string>> = {
  "zuul.yaml": `- pipeline:
    name: post
    manager: independent
    trigger:
      git:
        - event: ref-updated

- job:
    name: base
    parent: null
    abstract: true
    timeout: 300

- project:
    name: sandbox
    post:
      jobs: [hello]
`,
};

const sandbox: Readonly<Record<string, string>> = {
  "zuul.yaml": `- job:
    name: hello
    parent: base
    run: hello.yaml
`,
  "hello.yaml": `- hosts: localhost
  tasks:
    - name: Say what is built
      ansible.builtin.debug:
        msg: "Hello from {{ zuul.project.name }} at {{ zuul.newrev | default('?') }}"
    - name: Count to ten where somebody may be listening
      ansible.builtin.command: seq 1 10
`,
};

/** Makes one bare repository per folder below /seed, then serves them; runs as any user. */
const script = `set -eu
export HOME=/srv/git
git config --global init.defaultBranch main
git config --global user.name demo
git config --global user.email demo@example.org
for name in project-config sandbox; do
  [ -d "/srv/git/$name" ] && continue
  mkdir "/srv/git/work-$name"
  cp /seed/$name/*.yaml "/srv/git/work-$name/"
  git -C "/srv/git/work-$name" init -q
  git -C "/srv/git/work-$name" add .
  git -C "/srv/git/work-$name" commit -qm seed
  git clone -q --bare "/srv/git/work-$name" "/srv/git/$name"
done
exec git daemon --reuseaddr --export-all --enable=receive-pack --base-path=/srv/git --listen=0.0.0.0 --port=9418 /srv/git
`;

export function gitServer(image: string): readonly Manifest[] {
  const seed = (name: string, files: Readonly<Record<string, string>>): Manifest => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: `git-seed-${name}`, labels },
    data: files,
  });
  return [
    seed("project-config", projectConfig),
    seed("sandbox", sandbox),
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "git-server", labels },
      data: { "serve.sh": script },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "git-server", labels },
      spec: {
        type: "NodePort",
        selector: labels,
        ports: [{ name: "git", port: 9418, targetPort: 9418, protocol: "TCP", nodePort: gitNodePort }],
      },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "git-server", labels },
      spec: {
        replicas: 1,
        strategy: { type: "Recreate" },
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            automountServiceAccountToken: false,
            securityContext: {
              runAsUser: 10001,
              runAsNonRoot: true,
              fsGroup: 10001,
              seccompProfile: { type: "RuntimeDefault" },
            },
            containers: [
              {
                name: "git",
                image,
                command: ["sh", "/script/serve.sh"],
                ports: [{ name: "git", containerPort: 9418, protocol: "TCP" }],
                readinessProbe: { tcpSocket: { port: 9418 }, periodSeconds: 2 },
                resources: { requests: { cpu: "5m", memory: "32Mi" } },
                securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
                volumeMounts: [
                  { name: "repositories", mountPath: "/srv/git" },
                  { name: "script", mountPath: "/script" },
                  { name: "project-config", mountPath: "/seed/project-config" },
                  { name: "sandbox", mountPath: "/seed/sandbox" },
                ],
              },
            ],
            volumes: [
              { name: "repositories", emptyDir: {} },
              { name: "script", configMap: { name: "git-server" } },
              { name: "project-config", configMap: { name: "git-seed-project-config" } },
              { name: "sandbox", configMap: { name: "git-seed-sandbox" } },
            ],
          },
        },
      },
    },
  ];
}
