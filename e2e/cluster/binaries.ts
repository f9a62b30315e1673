/**
 * Builds the programs of a native cluster from the Go modules in `go/`, each once per content.
 *
 * A set is cached by the hash of go.mod, go.sum, flags and Go's version; a build in a second process waits for it.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { withLock } from "./lock.ts";
import { cacheFolder } from "./paths.ts";
import { run } from "./processes.ts";

export type Tool = keyof typeof tools;

type Module = "kubernetes" | "kwok" | "coredns" | "local-path" | "s3";

/** Kubernetes as built here. The flags below tell it to the server, which otherwise reports no version at all. */
export const kubernetesVersion = "1.35.4";

const tools = {
  etcd: { module: "kubernetes", source: "go.etcd.io/etcd/server/v3", cold: "30 s" },
  "kube-apiserver": {
    module: "kubernetes",
    source: "k8s.io/kubernetes/cmd/kube-apiserver",
    cold: "3 to 6 min",
  },
  "kube-controller-manager": {
    module: "kubernetes",
    source: "k8s.io/kubernetes/cmd/kube-controller-manager",
    cold: "1 min",
  },
  "kube-scheduler": { module: "kubernetes", source: "k8s.io/kubernetes/cmd/kube-scheduler", cold: "10 s" },
  kubectl: { module: "kubernetes", source: "k8s.io/kubernetes/cmd/kubectl", cold: "20 s" },
  kubelet: { module: "kubernetes", source: "k8s.io/kubernetes/cmd/kubelet", cold: "30 s" },
  "kube-proxy": { module: "kubernetes", source: "k8s.io/kubernetes/cmd/kube-proxy", cold: "15 s" },
  kwok: { module: "kwok", source: "sigs.k8s.io/kwok/cmd/kwok", cold: "1 to 3 min" },
  coredns: { module: "coredns", source: "github.com/coredns/coredns", cold: "2 to 6 min" },
  "local-path-provisioner": {
    module: "local-path",
    source: "github.com/rancher/local-path-provisioner",
    cold: "1 to 2 min",
  },
  pause: { module: "local-path", source: "./pause", cold: "2 s" },
  versitygw: { module: "s3", source: "github.com/versity/versitygw/cmd/versitygw", cold: "1 to 4 min" },
} as const satisfies Record<string, { module: Module; source: string; cold: string }>;

const [major, minor] = kubernetesVersion.split(".");
const versionPackage = "k8s.io/component-base/version";
const linkerFlags: Readonly<Record<Module, string>> = {
  kubernetes: `-s -w -X ${versionPackage}.gitVersion=v${kubernetesVersion} -X ${versionPackage}.gitMajor=${String(major)} -X ${versionPackage}.gitMinor=${String(minor)}`,
  kwok: "-s -w",
  coredns: "-s -w",
  "local-path": "-s -w",
  s3: "-s -w",
};

/** The stage files of kwok's own module that make fake pods ready, Jobs complete and deleted pods go, at once. */
const kwokStages = [
  "kustomize/stage/node/fast/node-initialize.yaml",
  "kustomize/stage/pod/fast/pod-ready.yaml",
  "kustomize/stage/pod/fast/pod-complete.yaml",
  "kustomize/stage/pod/fast/pod-delete.yaml",
];

export const simulatedTools: readonly Tool[] = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubectl",
  "kwok",
];

export const realTools: readonly Tool[] = [
  ...simulatedTools.filter((tool) => tool !== "kwok"),
  "kubelet",
  "kube-proxy",
  "coredns",
  "local-path-provisioner",
  "pause",
];

/** The hash that names a cached set: any byte of the parts moves it. Pure. */
export function setHash(parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${String(Buffer.byteLength(part))}:${part}`);
  return hash.digest("hex").slice(0, 16);
}

/**
 * Paths of the asked programs, building what the cache does not hold.
 * @throws Error when Go is missing, or with the compiler's words
 */
export async function buildTools(
  wanted: readonly Tool[],
  log: (line: string) => void,
  signal?: AbortSignal,
): Promise<Readonly<Record<Tool, string>>> {
  const goVersion = await run("go", ["version"]).catch(() => {
    throw new Error(
      "Missing: Go 1.26 or newer (https://go.dev/doc/install); it builds the cluster's programs once",
    );
  });
  const paths = new Map<Tool, string>();
  for (const tool of wanted) paths.set(tool, await built(tool, goVersion.trim(), log, signal));
  return Object.fromEntries(paths) as Record<Tool, string>; // the edge: exactly the wanted keys are present
}

/** Where kwok's stage file lies: beside the program that was built from the same module. */
export function kwokStageFile(kwok: string): string {
  return `${kwok}-stages.yaml`;
}

async function built(
  tool: Tool,
  goVersion: string,
  log: (line: string) => void,
  signal: AbortSignal | undefined,
): Promise<string> {
  const { module, source, cold } = tools[tool];
  const sourceFolder = join(import.meta.dirname, "go", module);
  const own = source.startsWith("./") ? [readFileSync(join(sourceFolder, source, "main.go"), "utf8")] : [];
  const sums = ["go.mod", "go.sum"].map((file) => readFileSync(join(sourceFolder, file), "utf8"));
  const folder = join(
    cacheFolder(),
    "programs",
    `${module}-${setHash([...sums, ...own, linkerFlags[module], goVersion])}`,
  );
  const target = join(folder, tool);
  if (existsSync(target)) return target;
  mkdirSync(folder, { recursive: true });
  await withLock(
    join(folder, `.${module}.lock`),
    () => log(`waiting for another run that is building ${module}`),
    async () => {
      if (existsSync(target)) return;
      const temporary = `${target}.${String(process.pid)}.tmp`;
      try {
        await compile(
          `${tool} (about ${cold}, once)`,
          sourceFolder,
          source,
          linkerFlags[module],
          temporary,
          log,
          signal,
        );
        if (tool === "kwok") await collectStages(sourceFolder, kwokStageFile(target));
        renameSync(temporary, target);
      } finally {
        rmSync(temporary, { force: true });
      }
    },
  );
  return target;
}

async function compile(
  what: string,
  cwd: string,
  source: string,
  flags: string,
  output: string,
  log: (line: string) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const began = Date.now();
  const elapsed = (): string => {
    const seconds = Math.round((Date.now() - began) / 1000);
    return `${String(Math.floor(seconds / 60))}m${String(seconds % 60).padStart(2, "0")}s`;
  };
  log(`building ${what}`);
  const ticker = setInterval(() => log(`building ${what} … ${elapsed()}`), 15_000);
  try {
    await new Promise<void>((done, failed) => {
      const child = spawn(
        "go",
        ["build", "-trimpath", "-buildvcs=false", "-ldflags", flags, "-o", output, source],
        {
          cwd,
          stdio: ["ignore", "ignore", "pipe"],
          env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly" },
          ...(signal === undefined ? {} : { signal }),
        },
      );
      let words = "";
      child.stderr?.on("data", (chunk: Buffer) => {
        words = (words + chunk.toString()).slice(-4000);
      });
      child.once("error", failed);
      child.once("exit", (code) => {
        if (code === 0) done();
        else failed(new Error(`Cannot build ${what}:\n${words}`));
      });
    });
  } finally {
    clearInterval(ticker);
  }
  log(`built ${what} in ${elapsed()}`);
}

async function collectStages(cwd: string, target: string): Promise<void> {
  const folder = (await run("go", ["-C", cwd, "list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/kwok"])).trim();
  const text = kwokStages.map((file) => readFileSync(join(folder, file), "utf8").trim()).join("\n---\n");
  writeFileSync(`${target}.tmp`, `${text}\n`);
  copyFileSync(`${target}.tmp`, target);
  rmSync(`${target}.tmp`);
}
