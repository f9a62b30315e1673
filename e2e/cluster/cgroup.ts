/** One cgroup per instance, in every hierarchy: whatever runs in a container can be found and ended through it. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = "/sys/fs/cgroup";

/** Hierarchies of version 1 (one folder each) or the single one of version 2. */
function hierarchies(): readonly string[] {
  if (existsSync(join(root, "cgroup.controllers"))) return [root];
  return readdirSync(root)
    .map((name) => join(root, name))
    .filter((path) => existsSync(join(path, "cgroup.procs")));
}

/** Kubelet refuses a root that does not exist; a cpuset without CPUs refuses every process. */
export function prepareCgroup(name: string): void {
  for (const hierarchy of hierarchies()) {
    const path = join(hierarchy, name);
    mkdirSync(path, { recursive: true });
    for (const file of ["cpuset.mems", "cpuset.cpus"]) {
      if (existsSync(join(path, file)) && existsSync(join(hierarchy, file)))
        writeFileSync(join(path, file), readFileSync(join(hierarchy, file), "utf8").trim());
    }
  }
}

/** Pids of everything inside, at any depth. */
export function cgroupProcesses(name: string): readonly number[] {
  const pids = hierarchies().flatMap((hierarchy) =>
    foldersBelow(join(hierarchy, name)).flatMap((folder) => {
      try {
        return readFileSync(join(folder, "cgroup.procs"), "utf8").split("\n");
      } catch {
        return [];
      }
    }),
  );
  return [...new Set(pids.filter((pid) => pid !== "").map(Number))];
}

export function removeCgroup(name: string): void {
  for (const hierarchy of hierarchies()) {
    for (const folder of foldersBelow(join(hierarchy, name)).toReversed()) {
      try {
        rmdirSync(folder);
      } catch {
        // It goes with its last process; a hierarchy that is shared elsewhere may already be without it.
      }
    }
  }
}

/** The folder and all below it, parents first. */
function foldersBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const inner = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [folder, ...inner.flatMap((entry) => foldersBelow(join(folder, entry.name)))];
}
