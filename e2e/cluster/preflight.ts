/** What a real node needs of the machine. */
import { ensurePackages, type PackageNeed } from "../system-packages.ts";
import { run, runs } from "./processes.ts";

const need = (file: string, name: string): PackageNeed => ({
  files: [file, file.replace("/usr", "")],
  package: name,
});

const needs: readonly PackageNeed[] = [
  need("/usr/bin/containerd", "containerd"),
  need("/usr/sbin/runc", "runc"),
  need("/usr/lib/cni/bridge", "containernetworking-plugins"),
  need("/usr/sbin/iptables", "iptables"),
  need("/usr/sbin/conntrack", "conntrack"),
  need("/usr/bin/ip", "iproute2"),
  need("/usr/bin/nsenter", "util-linux"),
  need("/usr/sbin/sysctl", "procps"),
  need("/usr/bin/busybox", "busybox-static"),
];

/** @throws Error when not root, or when packages are missing and `yes` does not let us install them */
export async function ensureNodePackages(yes: boolean, log: (line: string) => void): Promise<void> {
  if (process.getuid?.() !== 0)
    throw new Error("A real node needs root: run as root, or use --nodes simulated");
  const ran = await runs("pgrep", ["-x", "containerd"]);
  const isNew = await ensurePackages("A real node", needs, yes, log);
  // Debian's package starts a daemon where it can; ours is another one, so a new one is sent away again.
  if (isNew && !ran) await run("pkill", ["-x", "containerd"]).catch(() => "");
}
