/** What a build takes over from the machine: apt sources, pip settings, trusted CAs. Mounted, never kept in an image. */
import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, execute } from "./buildah.ts";

const suites = new Set(["bookworm", "bookworm-updates", "bookworm-security"]);

/** Debian's lines of the given apt source texts in one-line form, mirror as configured. Pure. */
export function debianSources(texts: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const text of texts) {
    for (const line of text.split("\n")) {
      const match = /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s/.exec(line);
      if (match?.[1] && match[2] && suites.has(match[2])) lines.push(`deb ${match[1]} ${match[2]} main`);
    }
    for (const stanza of text.split(/\n\s*\n/)) {
      const field = (key: string) =>
        new RegExp(`^${key}:\\s*(.*)$`, "m").exec(stanza)?.[1]?.trim().split(/\s+/) ?? [];
      if (!field("Types").includes("deb")) continue;
      for (const uri of field("URIs")) {
        for (const suite of field("Suites")) if (suites.has(suite)) lines.push(`deb ${uri} ${suite} main`);
      }
    }
  }
  return [...new Set(lines)];
}

/** pip's settings as printed by `pip config list`, as environment variables; paths of this machine left out. Pure. */
export function pipEnvironment(list: string): Readonly<Record<string, string>> {
  const kept = new Set([
    "index-url",
    "extra-index-url",
    "trusted-host",
    "proxy",
    "timeout",
    "default-timeout",
  ]);
  const entries = list.split("\n").flatMap((line) => {
    const match = /^[^.]+\.([a-z-]+)='(.*)'$/.exec(line.trim());
    return match?.[1] && match[2] !== undefined && kept.has(match[1])
      ? [[`PIP_${match[1].toUpperCase().replaceAll("-", "_")}`, match[2]] as const]
      : [];
  });
  return Object.fromEntries(entries);
}

export interface Inputs {
  /** Folder mounted at `/run/build`: sources.list, ca.crt, lock files. */
  readonly folder: string;
  /** First mirror, for debootstrap. */
  readonly mirror: string;
  readonly env: Readonly<Record<string, string>>;
}

export async function machineInputs(): Promise<Inputs> {
  const folder = cacheFolder("inputs");
  const parts = existsSync("/etc/apt/sources.list.d") ? readdirSync("/etc/apt/sources.list.d") : [];
  const files = ["/etc/apt/sources.list", ...parts.map((name) => join("/etc/apt/sources.list.d", name))];
  const sources = debianSources(
    files.filter((file) => existsSync(file)).map((file) => readFileSync(file, "utf8")),
  );
  const mirror = sources.map((line) => line.split(" ")).find(([, , suite]) => suite === "bookworm")?.[1];
  if (mirror === undefined)
    throw new Error('Cannot find a Debian mirror: /etc/apt names no source of "bookworm"');
  writeFileSync(join(folder, "sources.list"), `${sources.join("\n")}\n`);
  copyFileSync(process.env["SSL_CERT_FILE"] ?? "/etc/ssl/certs/ca-certificates.crt", join(folder, "ca.crt"));
  cpSync(join(import.meta.dirname, "lock"), join(folder, "lock"), { recursive: true });
  const ca = "/run/build/ca.crt";
  const pip = pipEnvironment(
    await execute("/usr/bin/python3", ["-m", "pip", "config", "list"]).catch(() => ""),
  );
  return { folder, mirror, env: { ...pip, PIP_CERT: ca, SSL_CERT_FILE: ca, REQUESTS_CA_BUNDLE: ca } };
}
