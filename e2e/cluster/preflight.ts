/** What a real node needs of the machine, said in one line with the command that installs it. */
import { existsSync } from "node:fs";
import { run, runs } from "./processes.ts";

/** Program or file → Debian package. */
const needs: readonly (readonly [string, string])[] = [
  ["/usr/bin/containerd", "containerd"],
  ["/usr/sbin/runc", "runc"],
  ["/usr/lib/cni/bridge", "containernetworking-plugins"],
  ["/usr/sbin/iptables", "iptables"],
  ["/usr/sbin/conntrack", "conntrack"],
  ["/usr/bin/ip", "iproute2"],
  ["/usr/bin/nsenter", "util-linux"],
  ["/usr/sbin/sysctl", "procps"],
  ["/usr/bin/busybox", "busybox-static"],
];

/** @throws Error that names what is missing and the command for it, unless `yes` lets us run that command */
export async function ensureNodePackages(yes: boolean, log: (line: string) => void): Promise<void> {
  if (process.getuid?.() !== 0)
    throw new Error("A real node needs root: run as root, or use --nodes simulated");
  const missing = needs
    .filter(([path]) => !existsSync(path) && !existsSync(path.replace("/usr", "")))
    .map(([, name]) => name);
  if (missing.length === 0) return;
  const install = ["install", "-y", "--no-install-recommends", ...missing];
  if (!yes)
    throw new Error(
      `Missing: ${missing.join(", ")}. Install with: apt-get update && apt-get ${install.join(" ")} (or add --yes)`,
    );
  log(`installing ${missing.join(", ")}`);
  const env = { DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  const ran = await runs("pgrep", ["-x", "containerd"]);
  await run("apt-get", ["update", "-qq"], env);
  await run("apt-get", [...install, "-qq"], env);
  // Debian's package starts a daemon where it can; ours is another one, so a new one is sent away again.
  if (!ran) await run("pkill", ["-x", "containerd"]).catch(() => "");
}
