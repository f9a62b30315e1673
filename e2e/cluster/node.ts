/**
 * A real node beside a native control plane: containerd, kubelet, kube-proxy, CoreDNS and a volume provisioner, all in
 * a network namespace of their own, so that nobody else's rules, bridges or addresses are touched. Needs root.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { prepareCgroup } from "./cgroup.ts";
import { nodeImage, nodeImageName } from "./node-image.ts";
import { makeNetwork, type Network } from "./network.ts";
import { run, start, type Started, waitFor } from "./processes.ts";

export interface NodeTools {
  readonly kubectl: string;
  readonly kubelet: string;
  readonly "kube-proxy": string;
  readonly coredns: string;
  readonly "local-path-provisioner": string;
  readonly pause: string;
}

export interface NodeProps {
  readonly name: string;
  readonly folder: string;
  readonly network: Network;
  readonly tools: NodeTools;
  readonly signal?: AbortSignal;
}

export const nodeName = "node";
export const containerdSocket = (folder: string): string => join(folder, "containerd.sock");

/** Starts containerd in the instance's network namespace; it needs no API server, so images can come in early. */
export async function startContainerd({ name, folder, network, tools, signal }: NodeProps): Promise<Started> {
  await makeNetwork(network);
  prepareCgroup(network.cgroup);
  for (const part of [
    "containerd/root",
    "containerd/state",
    "cni",
    "kubelet",
    "pod-logs",
    "volumes",
    "cni-data",
    "volume-plugins",
  ])
    mkdirSync(join(folder, part), { recursive: true });
  writeFileSync(join(folder, "containerd.toml"), containerdConfig(folder));
  writeFileSync(join(folder, "cni/10-bridge.conflist"), JSON.stringify(cniConfig(name, folder, network)));
  const containerd = inNamespace(
    network,
    "containerd",
    "containerd",
    ["--config", join(folder, "containerd.toml")],
    folder,
  );
  const answers = (): Promise<boolean> =>
    run("ctr", ["--address", containerdSocket(folder), "version"]).then(
      () => true,
      () => false,
    );
  await waitFor("containerd to answer", 30_000, answers, [containerd], signal);
  await importImage(folder, await nodeImage(tools.pause, folder));
  return containerd;
}

/** Starts the rest and waits until the node is Ready and names resolve. */
export async function startNode(
  props: NodeProps,
  kubectl: (...args: string[]) => Promise<string>,
): Promise<void> {
  const { name, folder, network, tools, signal } = props;
  const at = (file: string): string => join(folder, file);
  writeFileSync(at("kubelet.json"), JSON.stringify(kubeletConfig(folder, network)));
  writeFileSync(at("kube-proxy.json"), JSON.stringify(proxyConfig(folder, network)));
  writeFileSync(at("Corefile"), corefile(folder, network));
  writeFileSync(at("local-path.json"), JSON.stringify({ sharedFileSystemPath: at("volumes") }));
  writeFileSync(at("helper-pod.json"), JSON.stringify(helperPod));
  writeFileSync(
    at("node-objects.json"),
    JSON.stringify({ apiVersion: "v1", kind: "List", items: nodeObjects(folder, network) }),
  );
  const programs = [
    inNamespace(
      network,
      "kubelet",
      tools.kubelet,
      [
        `--config=${at("kubelet.json")}`,
        `--kubeconfig=${at("kubelet.kubeconfig")}`,
        `--root-dir=${at("kubelet")}`,
        `--cert-dir=${at("kubelet/pki")}`,
        `--hostname-override=${nodeName}`,
        `--node-ip=${network.node}`,
      ],
      folder,
    ),
    inNamespace(network, "kube-proxy", tools["kube-proxy"], [`--config=${at("kube-proxy.json")}`], folder),
    inNamespace(network, "coredns", tools.coredns, [`-conf=${at("Corefile")}`], folder),
  ];
  await kubectl("apply", "--server-side", "-f", at("node-objects.json"));
  programs.push(
    start(
      {
        role: "local-path-provisioner",
        command: tools["local-path-provisioner"],
        args: [
          "start",
          `--config=${at("local-path.json")}`,
          `--kubeconfig=${at("provisioner.kubeconfig")}`,
          `--helper-image=${nodeImageName}`,
          `--helper-pod-file=${at("helper-pod.json")}`,
          "--namespace=local-path-storage",
          "--configmap-name=local-path-config",
          "--service-account-name=local-path-provisioner-service-account",
        ],
      },
      folder,
      at("local-path-provisioner.log"),
    ),
  );
  const condition = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}';
  await waitFor(
    `node ${name} to be Ready`,
    60_000,
    async () => (await kubectl("get", "node", nodeName, "--ignore-not-found", "-o", condition)) === "True",
    programs,
    signal,
  );
}

/**
 * Imports an archive into the runtime's own namespace, unpacked, so that pods start at once. Each image is known by its
 * digest too, as after a pull from a registry.
 */
export async function importImage(folder: string, archive: string): Promise<void> {
  const images = (...args: readonly string[]): Promise<string> =>
    run("ctr", ["--address", containerdSocket(folder), "--namespace", "k8s.io", "images", ...args]);
  const said = await images("import", archive);
  for (const [, name = "", tag = "", digest = ""] of said.matchAll(/unpacking (\S+):(\S+) \((sha256:\w+)\)/g))
    if (!name.includes("/built-")) await images("tag", "--force", `${name}:${tag}`, `${name}@${digest}`);
}

function inNamespace(
  { namespace }: Network,
  role: string,
  command: string,
  args: readonly string[],
  folder: string,
): Started {
  // Not `ip netns exec`: that mounts a fresh /sys over the cgroups, and kubelet finds none.
  return start(
    { role, command: "nsenter", args: [`--net=/run/netns/${namespace}`, command, ...args] },
    folder,
    join(folder, `${role}.log`),
  );
}

function containerdConfig(folder: string): string {
  const at = (part: string): string => JSON.stringify(join(folder, part));
  return `version = 2
root = ${at("containerd/root")}
state = ${at("containerd/state")}
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.internal.v1.opt"]

[grpc]
address = ${at("containerd.sock")}

[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "${nodeImageName}"
# Without CAP_SYS_RESOURCE runc cannot lower the score and ends with "can't get final child's PID from pipe: EOF".
restrict_oom_score_adj = true
netns_mounts_under_state_dir = true

[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = ${at("cni")}

[plugins."io.containerd.grpc.v1.cri".containerd]
default_runtime_name = "runc"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
SystemdCgroup = false
`;
}

/** Named after the instance: libcni keeps results of all networks in one folder, and `down` must know its own. */
function cniConfig(name: string, folder: string, { pods }: Network): object {
  return {
    cniVersion: "1.0.0",
    name: `zuul-pulp-${name}`,
    plugins: [
      {
        type: "bridge",
        bridge: "cni0",
        isGateway: true,
        ipMasq: true,
        hairpinMode: true,
        ipam: {
          type: "host-local",
          dataDir: join(folder, "cni-data"),
          ranges: [[{ subnet: pods }]],
          routes: [{ dst: "0.0.0.0/0" }],
        },
      },
      { type: "portmap", capabilities: { portMappings: true } },
    ],
  };
}

function kubeletConfig(folder: string, { dns, cgroup }: Network): object {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    failCgroupV1: false,
    failSwapOn: false,
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${cgroup}`,
    containerRuntimeEndpoint: `unix://${containerdSocket(folder)}`,
    podLogsDir: join(folder, "pod-logs"),
    volumePluginDir: join(folder, "volume-plugins"),
    // Images come from archives and cannot be pulled again: a full disk must not throw them out.
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    evictionHard: {
      "memory.available": "100Mi",
      "nodefs.available": "1%",
      "imagefs.available": "1%",
      "nodefs.inodesFree": "1%",
    },
    clusterDNS: [dns],
    clusterDomain: "cluster.local",
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false }, x509: {} },
    authorization: { mode: "AlwaysAllow" },
    readOnlyPort: 0,
    serializeImagePulls: false,
    maxPods: 110,
    nodeStatusUpdateFrequency: "5s",
    syncFrequency: "10s",
    // Secrets and ConfigMaps are read again soon after they change, not within a minute or two.
    configMapAndSecretChangeDetectionStrategy: "Watch",
    registerNode: true,
    resolvConf: resolvConf(folder),
  };
}

/** Pods see cluster names only; a name server of the machine's would be out of their reach. */
function resolvConf(folder: string): string {
  const file = join(folder, "resolv.conf");
  if (!existsSync(file)) writeFileSync(file, "");
  return file;
}

function proxyConfig(folder: string, { pods, node }: Network): object {
  return {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: "iptables",
    clusterCIDR: pods,
    hostnameOverride: nodeName,
    bindAddress: node,
    clientConnection: { kubeconfig: join(folder, "kube-proxy.kubeconfig") },
    // Left alone: kube-proxy would otherwise write sysctls that it may not and end.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
    iptables: { minSyncPeriod: "0s", syncPeriod: "30s" },
  };
}

function corefile(folder: string, { node }: Network): string {
  return `.:5353 {
    bind ${node}
    errors
    kubernetes cluster.local in-addr.arpa {
        kubeconfig ${join(folder, "coredns.kubeconfig")}
        endpoint_pod_names
    }
    cache 2
}
`;
}

const helperPod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "helper-pod" },
  spec: {
    containers: [
      {
        name: "helper-pod",
        image: nodeImageName,
        imagePullPolicy: "IfNotPresent",
        resources: { requests: { cpu: "1m", memory: "8Mi" } },
      },
    ],
  },
};

function nodeObjects(folder: string, { dns, node }: Network): readonly object[] {
  const ports = [
    { name: "dns", protocol: "UDP", port: 53, targetPort: 5353 },
    { name: "dns-tcp", protocol: "TCP", port: 53, targetPort: 5353 },
  ];
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "local-path-storage" } },
    {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "local-path-provisioner-service-account", namespace: "local-path-storage" },
    },
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "local-path-config", namespace: "local-path-storage" },
      data: {
        "config.json": JSON.stringify({ sharedFileSystemPath: join(folder, "volumes") }),
        setup: '#!/bin/sh\nset -eu\nmkdir -m 0777 -p "$VOL_DIR"\n',
        teardown: '#!/bin/sh\nset -eu\nrm -rf "$VOL_DIR"\n',
        "helperPod.yaml": JSON.stringify(helperPod),
      },
    },
    {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: {
        name: "local-path",
        annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
      },
      provisioner: "rancher.io/local-path",
      volumeBindingMode: "WaitForFirstConsumer",
      reclaimPolicy: "Delete",
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "kube-dns", namespace: "kube-system" },
      spec: { clusterIP: dns, ports },
    },
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: {
        name: "kube-dns",
        namespace: "kube-system",
        labels: { "kubernetes.io/service-name": "kube-dns" },
      },
      addressType: "IPv4",
      ports: ports.map(({ name, protocol }) => ({ name, protocol, port: 5353 })),
      endpoints: [{ addresses: [node], conditions: { ready: true } }],
    },
  ];
}
