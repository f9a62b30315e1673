/** What a node leaves outside its folder, and how it goes: mounts, log links, CNI results, sockets of dead shims. */
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run } from "./processes.ts";

/** Unmounts everything below the folder, the innermost first. */
export async function unmountBelow(folder: string): Promise<void> {
  const points = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => (line.split(" ")[4] ?? "").replaceAll("\\040", " "))
    .filter((point) => point.startsWith(`${folder}/`));
  for (const point of points.toReversed()) await run("umount", ["--lazy", point]).catch(() => "");
}

export function removeStrays(name: string, folder: string): void {
  removeWhere(
    "/var/log/containers",
    (path) => lstatSync(path).isSymbolicLink() && readlinkSync(path).startsWith(`${folder}/`),
  );
  // Results of the loopback network are named after the sandbox alone; where its namespace was, the content says.
  removeWhere(
    "/var/lib/cni/results",
    (path) => path.includes(`/zuul-pulp-${name}-`) || mentions(path, `${folder}/`),
  );
  const open = readFileSync("/proc/net/unix", "utf8");
  removeWhere("/run/containerd/s", (path) => !open.includes(path));
  // Kubelet has this path built in; it holds nothing but a socket when no other kubelet runs here.
  const plugins = "/var/lib/kubelet/device-plugins";
  if (existsSync(join(plugins, "kubelet.sock")) && !open.includes(join(plugins, "kubelet.sock"))) {
    rmSync(plugins, { recursive: true, force: true });
  }
}

function mentions(path: string, text: string): boolean {
  return readFileSync(path, "utf8").includes(text);
}

function removeWhere(folder: string, isOurs: (path: string) => boolean): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder)) {
    const path = join(folder, entry);
    if (isOurs(path)) rmSync(path, { force: true });
  }
}
