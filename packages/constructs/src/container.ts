/** One container in our words, and its manifest. Pure. */
import type { V1Container, V1EnvVar, V1Probe, V1SecurityContext } from "@kubernetes/client-node";
import { given } from "./given.ts";
import { type Mount, volumeMountsOf } from "./mount.ts";
import type { SecurityLevel } from "./pod-security.ts";

/** An environment variable. Literals are escaped: Kubernetes would otherwise expand `$(NAME)` inside them. */
export type EnvVar =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly secretName: string; readonly key: string; readonly optional?: boolean }
  | {
      readonly name: string;
      readonly configMapName: string;
      readonly key: string;
      readonly optional?: boolean;
    }
  /** Downward API, `metadata.name`, `status.podIP`, … */
  | { readonly name: string; readonly field: string };

export interface ContainerPort {
  readonly name: string;
  readonly port: number;
  /** Default TCP. */
  readonly protocol?: "TCP" | "UDP";
}

export interface Resources {
  readonly requests?: Readonly<Record<string, string>> | undefined;
  readonly limits?: Readonly<Record<string, string>> | undefined;
}

interface ProbeTiming {
  readonly initialDelaySeconds?: number;
  readonly periodSeconds?: number;
  readonly timeoutSeconds?: number;
  readonly failureThreshold?: number;
  readonly successThreshold?: number;
}

export type Probe = ProbeTiming &
  (
    | {
        readonly http: {
          readonly path: string;
          readonly port: string | number;
          readonly scheme?: "HTTP" | "HTTPS";
          readonly headers?: Readonly<Record<string, string>>;
        };
      }
    | { readonly tcp: { readonly port: string | number } }
    | { readonly exec: readonly string[] }
  );

export interface Probes {
  readonly startup?: Probe;
  readonly readiness?: Probe;
  readonly liveness?: Probe;
}

/** Deviations from the restricted profile of one container. They need a pod whose `security.level` allows them. */
export interface ContainerSecurity {
  /** Default false: the root file system is read-only and `/tmp` is an empty folder. */
  readonly writableRoot?: boolean;
  /** Only in a pod of level `privileged`. */
  readonly privileged?: boolean;
  /** Only in a pod of level `privileged`. */
  readonly addCapabilities?: readonly string[];
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly workingDir?: string;
  readonly env?: readonly EnvVar[];
  readonly ports?: readonly ContainerPort[];
  readonly probes?: Probes;
  /** Command (argv) that runs before the container is told to stop. */
  readonly preStop?: readonly string[];
  readonly mounts?: readonly Mount[];
  readonly resources?: Resources;
  readonly security?: ContainerSecurity;
  /** Only for init containers: it keeps running beside the others. */
  readonly sidecar?: boolean;
}

/** The container with its `/tmp`: a read-only root needs one, unless a mount is there already. */
export function withTemporaryFolder(container: Container): Container {
  const mounts = container.mounts ?? [];
  if (container.security?.writableRoot === true || mounts.some(({ path }) => path === "/tmp"))
    return container;
  const temporary: Mount = { path: "/tmp", from: { kind: "emptyDir", name: `tmp-${container.name}` } };
  return { ...container, mounts: [...mounts, temporary] };
}

export function containerManifest(container: Container, level: SecurityLevel): V1Container {
  const {
    name,
    image,
    command,
    args,
    workingDir,
    env = [],
    ports = [],
    probes = {},
    preStop,
    mounts = [],
  } = container;
  return {
    name,
    image,
    imagePullPolicy: "IfNotPresent",
    terminationMessagePolicy: "FallbackToLogsOnError",
    securityContext: containerSecurity(container.security ?? {}, level),
    env: envManifest(env),
    ports: ports.map((port) => ({
      name: port.name,
      containerPort: port.port,
      protocol: port.protocol ?? "TCP",
    })),
    volumeMounts: volumeMountsOf(mounts),
    ...given({
      command: command?.map(escapeReferences),
      args: args?.map(escapeReferences),
      workingDir,
      startupProbe: probes.startup && probeManifest(probes.startup),
      readinessProbe: probes.readiness && probeManifest(probes.readiness),
      livenessProbe: probes.liveness && probeManifest(probes.liveness),
      lifecycle: preStop && { preStop: { exec: { command: [...preStop] } } },
      resources: container.resources && resourcesManifest(container.resources),
      restartPolicy: container.sidecar === true ? "Always" : undefined,
    }),
  };
}

/**
 * The kubelet expands `$(NAME)` in literals of env, command and args, takes `$$` for one `$`, and breaks a character
 * beyond ASCII that follows a `$`.
 */
export function escapeReferences(literal: string): string {
  return literal.replaceAll(/\$(?=[$(\u0080-\uffff])/g, "$$$$");
}

/** Ordered by name; a later variable replaces an earlier one of the same name. */
function envManifest(env: readonly EnvVar[]): V1EnvVar[] {
  const byName = new Map(env.map((variable) => [variable.name, variable]));
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1)).map(envVarManifest);
}

function envVarManifest(variable: EnvVar): V1EnvVar {
  const { name } = variable;
  if ("value" in variable) return { name, value: escapeReferences(variable.value) };
  if ("field" in variable) return { name, valueFrom: { fieldRef: { fieldPath: variable.field } } };
  const { key, optional } = variable;
  if ("secretName" in variable)
    return { name, valueFrom: { secretKeyRef: { name: variable.secretName, key, ...given({ optional }) } } };
  return {
    name,
    valueFrom: { configMapKeyRef: { name: variable.configMapName, key, ...given({ optional }) } },
  };
}

function probeManifest(probe: Probe): V1Probe {
  const { initialDelaySeconds, periodSeconds, timeoutSeconds, failureThreshold, successThreshold } = probe;
  const timing = given({
    initialDelaySeconds,
    periodSeconds,
    timeoutSeconds,
    failureThreshold,
    successThreshold,
  });
  if ("exec" in probe) return { exec: { command: [...probe.exec] }, ...timing };
  if ("tcp" in probe) return { tcpSocket: { port: probe.tcp.port }, ...timing };
  const { path, port, scheme, headers } = probe.http;
  return {
    httpGet: { path, port, ...given({ scheme, httpHeaders: headers && headerList(headers) }) },
    ...timing,
  };
}

function headerList(headers: Readonly<Record<string, string>>): { name: string; value: string }[] {
  return Object.entries(headers)
    .map(([name, value]) => ({ name, value }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function resourcesManifest({ requests, limits }: Resources) {
  return given({ requests: requests && { ...requests }, limits: limits && { ...limits } });
}

function containerSecurity(security: ContainerSecurity, level: SecurityLevel): V1SecurityContext {
  const { writableRoot = false, privileged = false, addCapabilities, runAsUser, runAsGroup } = security;
  const identity = {
    readOnlyRootFilesystem: !writableRoot,
    ...given({ runAsUser, runAsGroup, runAsNonRoot: runAsUser === 0 ? false : undefined }),
  };
  if (level === "privileged" && privileged) return { ...identity, privileged: true };
  if (privileged) throw new Error("a privileged container needs a pod whose security.level is privileged");
  const capabilities = { drop: ["ALL"], ...given({ add: addCapabilities && [...addCapabilities] }) };
  const procMount = level === "userNamespaces" ? "Unmasked" : undefined;
  return { ...identity, allowPrivilegeEscalation: false, capabilities, ...given({ procMount }) };
}
