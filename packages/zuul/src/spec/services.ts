/**
 * Zuul's own services. A field in snake_case is the option of that name in the service's section of zuul.conf and is
 * written there because it stands in the `…Options` shape; everything else is Kubernetes. Pure.
 * @see Zuul 14.3.0 reference, "Component reference"
 */
import { exposeSchema, storageSchema } from "@zuul-pulp/constructs";
import { doc, hostName, map, opaque } from "@zuul-pulp/k8s-core/crd";
import { configRef, secretRef } from "@zuul-pulp/secret-ref";
import { z } from "zod";
import { count, imageOf, moreOptions, pod, prometheusPort } from "./parts.ts";

const text = (max = 1024) => z.string().min(1).max(max);
const percent = () => z.number().min(0).max(100);

export const schedulerOptions = {
  default_ansible_version: doc("Ansible version of jobs that name none.", text(20).optional()),
  relative_priority: doc("Give changes of busy projects a lower priority for nodes.", z.boolean().optional()),
  default_hold_expiration: doc(
    "Seconds that a held node set is kept when the request says nothing.",
    z.int32().min(0).optional(),
  ),
  max_hold_expiration: doc("Longest hold in seconds; 0 is no limit.", z.int32().min(0).optional()),
};

export const schedulerSpec = z.object({
  count: count("Number of schedulers; all are active. Two survive the loss of a node.", 1, 20),
  config: doc(
    'The tenant configuration file: a ConfigMap name, {configMapName, key} or {secretName, key}. Key: "main.yaml".',
    configRef(),
  ),
  ...schedulerOptions,
  prometheus_port: prometheusPort(),
  image: imageOf("zuul-scheduler"),
  options: moreOptions("scheduler"),
  pod: pod(),
});

export const executorOptions = {
  ansible_setup_timeout: doc(
    "Seconds that setting up Ansible in a job may take.",
    z.int32().min(1).optional(),
  ),
  manage_ansible: doc(
    "Install missing Ansible versions at start; published images have them all.",
    z.boolean().default(false),
  ),
  default_username: doc("User name for logging in to build nodes.", text(64).optional()),
  disk_limit_per_job: doc(
    "Disk that one build may use, in MiB; -1 is no limit. Zuul aborts a build that uses more. Zuul's default: 250.",
    z.int32().min(-1).optional(),
  ),
  load_multiplier: doc(
    "No new builds above this load per CPU of the node. Zuul's default: 2.5.",
    z.number().min(0.1).max(1000).optional(),
  ),
  max_starting_builds: doc("Builds that may be starting at the same time.", z.int32().min(1).optional()),
  min_avail_hdd: doc("No new builds below this percentage of free disk.", percent().optional()),
  min_avail_inodes: doc("No new builds below this percentage of free inodes.", percent().optional()),
  min_avail_mem: doc("No new builds below this percentage of free memory.", percent().optional()),
  merge_jobs: doc("Also serve merge jobs; false needs mergers.", z.boolean().optional()),
  paused_on_start: doc("Take no builds until unpaused.", z.boolean().optional()),
  sigterm_method: doc(
    "What a stopped executor does: graceful finishes its builds, stop aborts them (they run again elsewhere).",
    z.enum(["graceful", "stop"]).optional(),
  ),
  zone: doc("Take only builds whose nodes are in this zone.", text(128).optional()),
  allow_unzoned: doc("With a zone: take builds without one, too.", z.boolean().optional()),
};

export const executorSpec = z.object({
  count: count("Number of executors. Zero pauses execution: builds stay queued.", 1, 200),
  sshkey: doc(
    'Private key, without passphrase, for logging in to build nodes; key "sshkey". Omitted: generated once and kept.',
    secretRef().optional(),
  ),
  variables: doc(
    'Site variables, a YAML mapping for every job: like scheduler.config; key "variables.yaml".',
    configRef().optional(),
  ),
  ...executorOptions,
  prometheus_port: prometheusPort(),
  storage: doc(
    "Git cache and running builds of each executor.",
    storageSchema({ size: "20Gi" }).prefault({}),
  ),
  image: imageOf("zuul-executor"),
  options: moreOptions("executor"),
  pod: pod(),
});

/** Executors read this section as well: they merge with the same identity and limits. */
export const mergerOptions = {
  git_user_email: doc("Author address of merge commits.", text(254).optional()),
  git_user_name: doc("Author name of merge commits.", text(254).optional()),
  git_timeout: doc("Seconds for one git operation. Zuul's default: 300.", z.int32().min(1).optional()),
  git_http_low_speed_limit: doc(
    "Bytes per second below which a transfer is given up; 0 never gives up.",
    z.int32().min(0).optional(),
  ),
  git_http_low_speed_time: doc("Seconds below that limit.", z.int32().min(0).optional()),
};

export const mergerSpec = z.object({
  count: count("Number of mergers beside the executors, which merge as well.", 0, 200),
  ...mergerOptions,
  prometheus_port: prometheusPort(),
  storage: doc(
    "Git cache of each merger, kept over restarts; omitted: on the node's disk.",
    storageSchema({ size: "20Gi" }).optional(),
  ),
  image: imageOf("zuul-merger"),
  options: moreOptions("merger"),
  pod: pod(),
});

export const webOptions = {
  websocket_url: doc("Where consoles are served, if not under status_url.", text(2048).optional()),
  stats_url: doc("Base URL of the statistics server that the UI links to.", text(2048).optional()),
  stats_type: doc("Kind of that server.", text(64).optional()),
  static_cache_expiry: doc("Seconds that browsers may keep static files.", z.int32().min(0).optional()),
  zone: doc(
    "Zone in which web runs: consoles of other zones go through their finger gateway.",
    text(128).optional(),
  ),
  auth_log_file_requests: doc("Ask for a token for log streams, too.", z.boolean().optional()),
};

export const webSpec = z.object({
  count: count("Number of web servers.", 1, 50),
  status_url: doc(
    "Public URL of the web server, for links in reports; written as [web] root. Default: from expose.host, else the Service.",
    text(2048).optional(),
  ),
  ...webOptions,
  expose: doc(
    "How the web server is reached from outside.",
    exposeSchema(["ClusterIP", "NodePort", "LoadBalancer", "Ingress"]).optional(),
  ),
  prometheus_port: prometheusPort(),
  image: imageOf("zuul-web"),
  options: moreOptions("web"),
  pod: pod(),
});

export const fingergwOptions = {
  zone: doc("Zone that this gateway serves.", text(128).optional()),
  hostname: doc(
    "Name under which others reach this gateway; needed with a zone. Default: its Service.",
    hostName().optional(),
  ),
};

export const fingergwSpec = z.object({
  count: count("Number of finger gateways (console streams on port 79 of their Service).", 1, 50),
  ...fingergwOptions,
  expose: doc(
    "How the gateway is reached from outside.",
    exposeSchema(["ClusterIP", "NodePort", "LoadBalancer"]).optional(),
  ),
  prometheus_port: prometheusPort(),
  image: imageOf("zuul-fingergw"),
  options: moreOptions("fingergw"),
  pod: pod(),
});

export const jobVolume = z.object({
  name: doc("Ignored; accepted because the volume may carry it here.", text(253).optional()),
  context: doc("Playbooks that see the path.", z.enum(["trusted", "untrusted"])),
  access: doc("How they see it.", z.enum(["ro", "rw"]).default("ro")),
  path: doc("Absolute path in the executor and in the build's sandbox; no colon.", text(1024)),
  volume: doc("Any Kubernetes volume, as in a pod. hostPath needs the administrator's leave.", opaque()),
});

export const sectionSchema = (what: string) => doc(what, map(opaque(), { max: 100 }).optional());
