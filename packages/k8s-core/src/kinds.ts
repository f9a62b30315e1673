/** The kinds that we speak to, with their plurals: never guessed, never discovered for kinds we know. Pure. */

export interface KindSpec {
  /** `v1`, `apps/v1`. */
  readonly apiVersion: string;
  readonly kind: string;
  /** As in URLs and in RBAC: `deployments`. */
  readonly plural: string;
  readonly namespaced: boolean;
}

const kind = <const A extends string, const K extends string>(
  apiVersion: A,
  name: K,
  plural: string,
  namespaced = true,
) => ({ apiVersion, kind: name, plural, namespaced }) as const;

/** Built-in kinds, and those of other operators that we use when they are served. */
export const kinds = {
  ConfigMap: kind("v1", "ConfigMap", "configmaps"),
  Secret: kind("v1", "Secret", "secrets"),
  Service: kind("v1", "Service", "services"),
  ServiceAccount: kind("v1", "ServiceAccount", "serviceaccounts"),
  Pod: kind("v1", "Pod", "pods"),
  PersistentVolumeClaim: kind("v1", "PersistentVolumeClaim", "persistentvolumeclaims"),
  Namespace: kind("v1", "Namespace", "namespaces", false),
  Deployment: kind("apps/v1", "Deployment", "deployments"),
  StatefulSet: kind("apps/v1", "StatefulSet", "statefulsets"),
  DaemonSet: kind("apps/v1", "DaemonSet", "daemonsets"),
  Job: kind("batch/v1", "Job", "jobs"),
  CronJob: kind("batch/v1", "CronJob", "cronjobs"),
  Ingress: kind("networking.k8s.io/v1", "Ingress", "ingresses"),
  NetworkPolicy: kind("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies"),
  PodDisruptionBudget: kind("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets"),
  HorizontalPodAutoscaler: kind("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"),
  Lease: kind("coordination.k8s.io/v1", "Lease", "leases"),
  Event: kind("events.k8s.io/v1", "Event", "events"),
  Role: kind("rbac.authorization.k8s.io/v1", "Role", "roles"),
  RoleBinding: kind("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings"),
  ClusterRole: kind("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", false),
  ClusterRoleBinding: kind(
    "rbac.authorization.k8s.io/v1",
    "ClusterRoleBinding",
    "clusterrolebindings",
    false,
  ),
  CustomResourceDefinition: kind(
    "apiextensions.k8s.io/v1",
    "CustomResourceDefinition",
    "customresourcedefinitions",
    false,
  ),
  StorageClass: kind("storage.k8s.io/v1", "StorageClass", "storageclasses", false),
  Certificate: kind("cert-manager.io/v1", "Certificate", "certificates"),
  PerconaXtraDBCluster: kind("pxc.percona.com/v1", "PerconaXtraDBCluster", "perconaxtradbclusters"),
  PostgresCluster: kind("postgresql.cnpg.io/v1", "Cluster", "clusters"),
  Route: kind("route.openshift.io/v1", "Route", "routes"),
  Gateway: kind("gateway.networking.k8s.io/v1", "Gateway", "gateways"),
  HTTPRoute: kind("gateway.networking.k8s.io/v1", "HTTPRoute", "httproutes"),
  ServiceMonitor: kind("monitoring.coreos.com/v1", "ServiceMonitor", "servicemonitors"),
  PodMonitor: kind("monitoring.coreos.com/v1", "PodMonitor", "podmonitors"),
  PrometheusRule: kind("monitoring.coreos.com/v1", "PrometheusRule", "prometheusrules"),
} satisfies Record<string, KindSpec>;

/** `apps` of `apps/v1`, the empty string of `v1`. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}

/** `deployments.apps`, `secrets`: how messages and RBAC name a kind. */
export function resourceName(kind: KindSpec): string {
  const group = groupOf(kind.apiVersion);
  return group === "" ? kind.plural : `${kind.plural}.${group}`;
}

/** `apps/v1/Deployment`. */
export function kindId(kind: { readonly apiVersion: string; readonly kind: string }): string {
  return `${kind.apiVersion}/${kind.kind}`;
}
