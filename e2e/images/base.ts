/** The layer below every image: Debian bookworm with what both products need, and a shell. Pure. */
import type { Recipe } from "./recipe.ts";

export const base: Recipe = {
  name: "base",
  version: "1",
  aliases: ["base", "git-server"],
  from: "debootstrap",
  packages: [
    "ca-certificates",
    "curl",
    "git",
    "openssh-client",
    "procps",
    "python3",
    "python3-venv",
    "tini",
    "tzdata",
  ],
  env: { LANG: "C.UTF-8" },
  presets: [
    // As Debian's own images: no services at install, no documentation, no syncing per file.
    {
      path: "/etc/dpkg/dpkg.cfg.d/small",
      content: [
        "force-unsafe-io",
        "path-exclude=/usr/share/doc/*",
        "path-exclude=/usr/share/man/*",
        "path-exclude=/usr/share/locale/*",
        "path-exclude=/usr/share/info/*",
        "",
      ].join("\n"),
    },
    { path: "/usr/sbin/policy-rc.d", content: "#!/bin/sh\nexit 101\n" },
  ],
  remove: ["usr/share/doc/*", "usr/share/man/*", "usr/share/locale/*", "usr/share/info/*"],
  minutes: 1,
};
