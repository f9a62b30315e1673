/**
 * Gives every claim of the simulated class a volume once the scheduler has chosen a node. A process of its own.
 * Arguments: path of kubectl, path of a kubeconfig. Reads one watch; creates PersistentVolumes; binding is Kubernetes'.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";

interface Claim {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly annotations?: Record<string, string>;
  };
  readonly spec: {
    readonly storageClassName?: string;
    readonly volumeName?: string;
    readonly accessModes: readonly string[];
    readonly resources: { readonly requests: { readonly storage: string } };
  };
}

const [, , kubectl = "kubectl", kubeconfig = ""] = process.argv;

for (;;) {
  await watchOnce();
  // While the server restarts kubectl ends at once, and one after the other would take the processors from it.
  await pause(500);
}

/** Ends when the server closes the watch, or is not there; the next one lists everything again. */
async function watchOnce(): Promise<void> {
  // Two lines per claim: kubectl's table writer would turn a tab into spaces.
  const columns = '{.metadata}{"\\n"}{.spec}{"\\n"}';
  let metadata: string | undefined;
  const watch = spawn(
    kubectl,
    [
      `--kubeconfig=${kubeconfig}`,
      "get",
      "persistentvolumeclaims",
      "-A",
      "--watch",
      "-o",
      `jsonpath=${columns}`,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  for await (const line of createInterface({ input: watch.stdout })) {
    if (metadata === undefined) {
      metadata = line;
      continue;
    }
    // The edge: two members of an object that the API server has validated.
    provision({ metadata: JSON.parse(metadata), spec: JSON.parse(line) } as Claim);
    metadata = undefined;
  }
}

function provision({ metadata, spec }: Claim): void {
  if (spec.storageClassName !== "standard" || spec.volumeName !== undefined) return;
  if (metadata.annotations?.["volume.kubernetes.io/selected-node"] === undefined) return;
  const name = `pvc-${metadata.uid}`;
  const volume = {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name },
    spec: {
      capacity: { storage: spec.resources.requests.storage },
      accessModes: spec.accessModes,
      storageClassName: "standard",
      persistentVolumeReclaimPolicy: "Retain",
      claimRef: {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        name: metadata.name,
        namespace: metadata.namespace,
        uid: metadata.uid,
      },
      hostPath: { path: `/simulated/${name}` },
    },
  };
  const apply = spawn(kubectl, [`--kubeconfig=${kubeconfig}`, "apply", "-f", "-"], {
    stdio: ["pipe", "inherit", "inherit"],
  });
  apply.stdin.end(JSON.stringify(volume));
}
