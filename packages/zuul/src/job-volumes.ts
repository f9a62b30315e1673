/** Volumes that playbooks see: one mount in the executor, and the options that let bubblewrap bind it. Pure. */
import type { Mount, VolumeSource } from "@zuul-pulp/constructs";
import { refusalOf } from "./ini.ts";
import { paths } from "./paths.ts";

/** The wish, as `spec.jobVolumes` has it. */
export interface JobVolume {
  readonly context: "trusted" | "untrusted";
  readonly access: "ro" | "rw";
  readonly path: string;
  readonly volume?: unknown;
}

export interface JobVolumes {
  readonly mounts: readonly Mount[];
  /** `trusted_ro_paths` → paths in the order of the spec. */
  readonly paths: ReadonlyMap<string, readonly string[]>;
  /** Folders of the node that would be mounted. */
  readonly hostPaths: readonly { readonly at: string; readonly hostPath: string }[];
}

interface ReadJobVolumes {
  readonly jobVolumes: JobVolumes;
  readonly problems: readonly string[];
}

/** Paths that hold what a build must not replace. */
const forbidden = [paths.state, paths.zuul, paths.zookeeper, "/tmp", "/proc", "/dev", "/sys"];

export function readJobVolumes(wishes: readonly JobVolume[]): ReadJobVolumes {
  const byPath = new Map<string, { source: VolumeSource; isWritable: boolean }>();
  const paths = new Map<string, readonly string[]>();
  const hostPaths: { at: string; hostPath: string }[] = [];
  const problems: string[] = [];
  for (const [index, { context, access, path, volume }] of wishes.entries()) {
    const at = `jobVolumes[${index}]`;
    const source = volumeSource(volume);
    const wrong = wrongPath(path);
    if (wrong !== undefined) problems.push(`${at}.path: ${wrong}`);
    else if (typeof source === "string") problems.push(`${at}.volume: ${source}`);
    else {
      const before = byPath.get(path);
      if (before !== undefined && !sameSource(before.source, source))
        problems.push(`${at}.path: ${path} is mounted from another volume already`);
      byPath.set(path, { source, isWritable: access === "rw" || before?.isWritable === true });
      const option = `${context}_${access}_paths`;
      const listed = paths.get(option) ?? [];
      if (!listed.includes(path)) paths.set(option, [...listed, path]);
      const hostPath = hostPathOf(source);
      if (hostPath !== undefined) hostPaths.push({ at, hostPath });
    }
  }
  const mounts = [...byPath].map(([path, { source, isWritable }]) => ({
    path,
    from: source,
    readOnly: !isWritable,
  }));
  return { jobVolumes: { mounts, paths, hostPaths }, problems };
}

/** Is the folder of the node under a prefix that the administrator allowed? Whole path members count. */
export function isHostPathAllowed(hostPath: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => {
    const folder = prefix.replace(/\/+$/, "");
    return hostPath === folder || hostPath.startsWith(`${folder}/`);
  });
}

function wrongPath(path: string): string | undefined {
  if (!path.startsWith("/") || path === "/") return "must be an absolute path below /";
  const refusal = refusalOf(path);
  if (refusal !== undefined) return refusal;
  if (path.includes(":")) return "must not contain a colon, which separates paths in zuul.conf";
  // One way to write it, so that two entries of one path are seen to be that.
  if (
    path
      .slice(1)
      .split("/")
      .some((part) => ["", ".", ".."].includes(part))
  )
    return "must not contain //, . or .., nor end with /";
  const inside = forbidden.find((folder) => path === folder || path.startsWith(`${folder}/`));
  if (inside !== undefined) return `must not be inside ${inside}`;
  const hidden = forbidden.find((folder) => folder.startsWith(`${path}/`));
  return hidden === undefined ? undefined : `would hide ${hidden}`;
}

/** Any volume of a pod, without its name; or what is wrong with it. */
function volumeSource(volume: unknown): VolumeSource | string {
  if (typeof volume !== "object" || volume === null || Array.isArray(volume))
    return "must be a volume, as in a pod";
  const { name: _, ...source } = { name: undefined, ...volume };
  const [kind, more] = Object.keys(source);
  if (kind === undefined || more !== undefined) return "must have exactly one source beside its name";
  const hostPath = hostPathOf({ kind: "native", source });
  if (
    kind === "hostPath" &&
    (hostPath === undefined || !hostPath.startsWith("/") || hostPath.split("/").includes(".."))
  )
    return "hostPath.path must be an absolute path without ..";
  return { kind: "native", source };
}

function hostPathOf(source: VolumeSource): string | undefined {
  if (source.kind !== "native") return undefined;
  const hostPath = source.source["hostPath"];
  if (typeof hostPath !== "object" || hostPath === null || !("path" in hostPath)) return undefined;
  return typeof hostPath.path === "string" ? hostPath.path : undefined;
}

function sameSource(one: VolumeSource, other: VolumeSource): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
