/**
 * The whole demo as one line: cluster, images, operators, a real Pulp that serves a file, a real Zuul that runs a job.
 *
 * Every step may be repeated: an interrupted demo is started again with the same command and goes on.
 */
import { randomBytes } from "node:crypto";
import { type Cluster, type ClusterOptions, imageTransport, openCluster } from "../cluster/cluster.ts";
import { ensureImages } from "../images/images.ts";
import { gitNodePort, gitServer } from "./git-server.ts";
import { builtNames, builtOperator, demoImages, type ImageSource, operatorNames } from "./images.ts";
import { type Kubectl, kubectlFor } from "./kubectl.ts";
import { operatorCommand } from "./operator-command.ts";
import type { Progress } from "./progress.ts";
import { type Served, serveFile } from "./pulp-file.ts";
import {
  namespaceManifests,
  namespaces,
  pulpResource,
  watched,
  zuulResources,
  zuulWebNodePort,
} from "./resources.ts";
import { waitFor } from "../wait-for.ts";
import { type Build, json, runJob, type ZuulAddresses } from "./zuul-job.ts";

export interface DemoOptions {
  readonly provider?: ClusterOptions["provider"];
  readonly kubeconfig?: string;
  readonly yes: boolean;
  readonly name: string;
  /** Default: published where the nodes can pull, else built here. */
  readonly images?: ImageSource;
  /** Registry and path to which the two built operators were pushed; default: loaded, or else the released ones. */
  readonly operatorImages?: string;
}

export interface Demo {
  readonly cluster: Cluster;
  readonly kubectl: Kubectl;
  readonly images: ImageSource;
  readonly pulpUrl: string;
  readonly pulpPassword: string;
  readonly zuul: ZuulAddresses;
  readonly served: Served;
  readonly build: Build;
}

export async function runDemo(options: DemoOptions, progress: Progress): Promise<Demo> {
  const transport = await imageTransport(clusterOptions(options, progress.say));
  const source = options.images ?? (transport.pulls ? "published" : "built");
  const names = [
    ...(source === "built" ? builtNames : []),
    ...(transport.takesArchives ? operatorNames : []),
  ];
  const images = demoImages(source);
  const [cluster, archives] = await Promise.all([
    progress.step("cluster with a real node", (say) => openCluster(clusterOptions(options, say))),
    progress.step(`images: ${source}${names.length > 0 ? `, from here ${names.join(", ")}` : ""}`, (say) =>
      ensureImages(names, say, options.yes),
    ),
  ]);
  await progress.step("images into the cluster", () => cluster.loadImages([...new Set(archives.values())]));
  const kubectl = kubectlFor(cluster.kubeconfig, cluster.kubectl);
  const nodeAddress = cluster.nodeAddress ?? (await firstNodeAddress(kubectl));

  await progress.step("both operators, in a namespace where only restricted pods may run", async (say) => {
    await kubectl.apply(namespaceManifests());
    const install = (name: (typeof operatorNames)[number], watches: readonly string[]): Promise<string> =>
      operatorCommand(
        name,
        cluster.kubeconfig,
        installArgs(
          watches,
          transport.takesArchives || options.operatorImages !== undefined
            ? builtOperator(name, options.operatorImages)
            : undefined,
        ),
        say,
      );
    await Promise.all([install("zuul-operator", watched.zuul), install("pulp-operator", watched.pulp)]);
  });
  await progress.step("resources: a git server, one Zuul, one Pulp", async () => {
    await kubectl.apply([...gitServer(images.git), ...zuulResources(images, nodeAddress)], namespaces.zuul);
    await kubectl.apply([pulpResource(images)], namespaces.pulp);
  });

  const zuul: ZuulAddresses = {
    web: `http://${nodeAddress}:${zuulWebNodePort}`,
    git: `git://${nodeAddress}:${gitNodePort}`,
  };
  const [pulp, build] = await Promise.all([
    bringUpPulp(cluster, kubectl, progress),
    bringUpZuul(cluster, zuul, progress),
  ]);
  return { cluster, kubectl, images: source, zuul, build, ...pulp };
}

/** Each demo's resource is named after its product. */
async function ready(product: "zuul" | "pulp", { kubeconfig }: Cluster, progress: Progress): Promise<void> {
  const args = ["wait", product, "-n", namespaces[product], "--timeout", "15m"];
  await progress.step(`${product === "zuul" ? "Zuul" : "Pulp"} ready`, (say) =>
    operatorCommand(`${product}-operator`, kubeconfig, args, say),
  );
}

/** Runs beside the other product: a file in, the same bytes out. */
async function bringUpPulp(
  cluster: Cluster,
  kubectl: Kubectl,
  progress: Progress,
): Promise<Pick<Demo, "pulpUrl" | "pulpPassword" | "served">> {
  await ready("pulp", cluster, progress);
  const { status } = await kubectl.get<{ status: { url: string } }>(
    "pulps.pulpproject.org",
    "pulp",
    namespaces.pulp,
  );
  const secret = await kubectl.get<{ data: { password: string } }>(
    "secret",
    "pulp-admin-password",
    namespaces.pulp,
  );
  const access = { url: status.url, password: Buffer.from(secret.data.password, "base64").toString() };
  const served = await progress.step(
    "a file uploaded, published, distributed and downloaded",
    async (say) => {
      const result = await serveFile(access, new Uint8Array(randomBytes(64 * 1024)), "hello.bin");
      say(`${result.fileUrl}, sha256 ${result.sha256.slice(0, 16)}… as uploaded`);
      return result;
    },
  );
  return { pulpUrl: access.url, pulpPassword: access.password, served };
}

const componentKinds = ["scheduler", "executor", "merger", "web", "fingergw"] as const;

async function bringUpZuul(cluster: Cluster, zuul: ZuulAddresses, progress: Progress): Promise<Build> {
  await ready("zuul", cluster, progress);
  await progress.step("components of every kind running, tenant listed", async () => {
    await waitFor({ what: "every Zuul component to be running", timeoutMs: 180_000 }, async () => {
      const components = await json<Record<string, readonly { state: string }[]>>(
        `${zuul.web}/api/components`,
      );
      const tenants = await json<readonly { name: string }[]>(`${zuul.web}/api/tenants`);
      const isRunning = componentKinds.every((kind) =>
        components[kind]?.some(({ state }) => state === "running"),
      );
      return (isRunning && tenants.some(({ name }) => name === "example")) || undefined;
    });
  });
  return progress.step("a job for a commit just pushed", async (say) => {
    const build = await runJob(zuul, "example", say);
    if (build.result !== "SUCCESS")
      throw new Error(
        `job ${build.job_name} ended with ${build.result}: ${zuul.web}/t/example/build/${build.uuid}`,
      );
    say(`${build.job_name}: ${build.result}`);
    return build;
  });
}

function clusterOptions(options: DemoOptions, log: (line: string) => void): ClusterOptions {
  const { provider, kubeconfig, yes, name } = options;
  return {
    nodes: "real",
    name,
    yes,
    log,
    ...(provider === undefined ? {} : { provider }),
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
  };
}

/** Without an image the command takes the released one of its own version. */
function installArgs(watches: readonly string[], image: string | undefined): readonly string[] {
  return [
    "install",
    "--namespace",
    namespaces.operators,
    "--watch",
    watches.join(","),
    ...(image === undefined ? [] : ["--image", image]),
  ];
}

interface NodeList {
  readonly items: readonly { status: { addresses: readonly { type: string; address: string }[] } }[];
}

async function firstNodeAddress(kubectl: Kubectl): Promise<string> {
  const nodes = JSON.parse(await kubectl("get", "nodes", "-o", "json")) as NodeList;
  const found = nodes.items[0]?.status.addresses.find(({ type }) => type === "InternalIP")?.address;
  if (found === undefined) throw new Error("The cluster has no node with an InternalIP address");
  return found;
}
