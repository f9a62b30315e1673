/** What the pods of api, content, worker and the two Jobs have in common. Pure. */
import type { Container, EnvVar, Mount, PodSecurity, PodTemplate } from "@zuul-pulp/constructs";
import { home, pulpFolder, workFolders } from "./folders.ts";
import { type Daemon, daemons, nameOf, type Process, settingsName } from "./names.ts";
import type { PulpConfig } from "./config.ts";
import type { Pulp } from "./parse.ts";
import { scriptsFolder } from "./scripts.ts";
import { settingsFolder } from "./settings-py.ts";

/** HOME is private to each pod: gunicorn, gnupg and git write there. */
export const processEnv: readonly EnvVar[] = [
  { name: "DJANGO_SETTINGS_MODULE", value: "pulpcore.app.settings" },
  { name: "PULP_SETTINGS", value: `${settingsFolder}/settings.py` },
  { name: "HOME", value: home },
  { name: "LANG", value: "C.UTF-8" },
];

export function processMounts(pulp: Pulp, process: Process): readonly Mount[] {
  return [
    { path: settingsFolder, from: { kind: "secret", name: settingsName(pulp.name, process), mode: 0o440 } },
    { path: scriptsFolder, from: { kind: "configMap", name: nameOf(pulp.name, "scripts") } },
    { path: home, from: { kind: "emptyDir", name: "home", sizeLimit: "1Gi" } },
    { path: pulpFolder, from: storageSource(pulp, process) },
  ];
}

/** One mount for media and temporary files together: a rename between two mounts would be a copy. */
function storageSource({ name, storage }: Pulp, process: Process): Mount["from"] {
  if (storage.kind === "s3" || process === "migration" || process === "password")
    return { kind: "emptyDir", name: "pulp" };
  return { kind: "claim", name: storage.existingClaim ?? nameOf(name, "storage") };
}

export function security({
  spec: {
    security: { arbitrary, runAsUser, runAsGroup, fsGroup },
  },
}: Pulp): PodSecurity {
  return arbitrary ? {} : { runAsUser, runAsGroup, fsGroup };
}

/** Runs before a daemon: a process that finds an old schema ends at once, and its container would crash-loop. */
export function waitForMigrations(pulp: Pulp, { image }: PulpConfig, process: Daemon): Container {
  return {
    name: "wait-for-migrations",
    image,
    command: ["python3", `${scriptsFolder}/wait-for-migrations.py`, "600", ...workFolders],
    env: [...processEnv],
    mounts: [...processMounts(pulp, process)],
    resources: { requests: { cpu: "20m", memory: "128Mi" } },
  };
}

/**
 * A volume that one node at a time may mount keeps all Pulp pods together, and a new pod must not wait for it beside
 * the old one.
 */
export function placement(pulp: Pulp): {
  readonly strategy?: { readonly maxSurge: number; readonly maxUnavailable: number };
  readonly affinity?: NonNullable<PodTemplate["affinity"]>;
} {
  if (pulp.storage.kind !== "filesystem" || pulp.storage.volume.accessMode !== "ReadWriteOnce") return {};
  const together = {
    topologyKey: "kubernetes.io/hostname",
    labelSelector: {
      matchLabels: { "app.kubernetes.io/name": "pulp", "app.kubernetes.io/instance": pulp.name },
      matchExpressions: [{ key: "app.kubernetes.io/component", operator: "In", values: [...daemons] }],
    },
  };
  return {
    strategy: { maxSurge: 0, maxUnavailable: 1 },
    affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [together] } },
  };
}

/** Gives proxies time to drop the endpoint before the process stops listening. */
export const pauseBeforeStop = ["python3", "-c", "import time; time.sleep(5)"];
