/**
 * Everything that an installed operator is: CRDs, an account with the rights that it uses, and a Deployment. Pure.
 * `install`, `deploy/` and the chart come from here.
 */
import type { Manifest } from "../model/manifest.ts";
import type { Grants } from "../model/grant.ts";
import type { WatchScope } from "../process/scope.ts";
import { homeRules, type PolicyRule, rulesFor } from "../rbac.ts";
import { grantArgs } from "./grants.ts";
import type { OperatorDefinition } from "./operator.ts";

export interface InstallProps {
  readonly operator: OperatorDefinition;
  readonly namespace: string;
  readonly watch: WatchScope;
  readonly image: string;
  readonly grants: Grants;
  readonly replicas?: number;
}

export interface InstallPlan {
  readonly crds: readonly Manifest[];
  readonly rest: readonly Manifest[];
}

export function installManifests(props: InstallProps): InstallPlan {
  return {
    crds: props.operator.definitions.map((definition) => definition.toCrd()),
    rest: [namespaceOf(props), ...accountOf(props), deploymentOf(props)],
  };
}

const labelsOf = ({ name, version }: OperatorDefinition): Record<string, string> => ({
  "app.kubernetes.io/name": name,
  "app.kubernetes.io/component": "operator",
  "app.kubernetes.io/managed-by": "install",
  "app.kubernetes.io/version": version,
});

const rbac = "rbac.authorization.k8s.io/v1";

function namespaceOf({ namespace }: InstallProps): Manifest {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
}

function accountOf({ operator, namespace, watch }: InstallProps): readonly Manifest[] {
  const { name } = operator;
  const labels = labelsOf(operator);
  const account: Manifest = {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name, namespace, labels },
  };
  const subjects = [{ kind: "ServiceAccount", name, namespace }];
  const role = (roleName: string, home: string, rules: readonly PolicyRule[]): readonly Manifest[] => [
    { apiVersion: rbac, kind: "Role", metadata: { name: roleName, namespace: home, labels }, rules },
    {
      apiVersion: rbac,
      kind: "RoleBinding",
      metadata: { name: roleName, namespace: home, labels },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: roleName },
      subjects,
    },
  ];
  const rules = rulesFor(operator.controllers);
  const home = role(`${name}-leader`, namespace, homeRules(name));
  switch (watch.kind) {
    case "own":
      return [account, ...home, ...role(name, namespace, rules)];
    case "namespaces":
      return [account, ...home, ...watch.namespaces.flatMap((watched) => role(name, watched, rules))];
    case "all":
      return [
        account,
        ...home,
        { apiVersion: rbac, kind: "ClusterRole", metadata: { name, labels }, rules },
        {
          apiVersion: rbac,
          kind: "ClusterRoleBinding",
          metadata: { name, labels },
          roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
          subjects,
        },
      ];
    default:
      return watch satisfies never;
  }
}

function watchEnv(namespace: string, watch: WatchScope): string {
  switch (watch.kind) {
    case "own":
      return namespace;
    case "namespaces":
      return watch.namespaces.join(",");
    case "all":
      return "";
    default:
      return watch satisfies never;
  }
}

function deploymentOf({ operator, namespace, watch, image, grants, replicas = 1 }: InstallProps): Manifest {
  const { name } = operator;
  const selector = { "app.kubernetes.io/name": name, "app.kubernetes.io/component": "operator" };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace, labels: labelsOf(operator) },
    spec: {
      replicas,
      selector: { matchLabels: selector },
      template: {
        metadata: { labels: labelsOf(operator) },
        spec: {
          serviceAccountName: name,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: 40,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
          containers: [
            {
              name: "operator",
              image,
              imagePullPolicy: "IfNotPresent",
              args: ["run", ...grantArgs(operator.grants, grants)],
              env: [
                { name: "WATCH_NAMESPACE", value: watchEnv(namespace, watch) },
                { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
                { name: "POD_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
              ],
              ports: [
                { name: "metrics", containerPort: 8080, protocol: "TCP" },
                { name: "health", containerPort: 8081, protocol: "TCP" },
              ],
              startupProbe: {
                httpGet: { path: "/healthz", port: "health" },
                periodSeconds: 1,
                timeoutSeconds: 5,
                failureThreshold: 60,
              },
              livenessProbe: {
                httpGet: { path: "/healthz", port: "health" },
                periodSeconds: 20,
                timeoutSeconds: 10,
              },
              readinessProbe: {
                httpGet: { path: "/readyz", port: "health" },
                periodSeconds: 5,
                timeoutSeconds: 5,
              },
              // Idle it needs a tenth of this. On a node that is full the request is its share, and repairs wait for it.
              resources: { requests: { cpu: "100m", memory: "96Mi" }, limits: { memory: "256Mi" } },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ["ALL"] },
              },
              terminationMessagePolicy: "FallbackToLogsOnError",
            },
          ],
        },
      },
    },
  };
}
