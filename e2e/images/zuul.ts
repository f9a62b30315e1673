/** Zuul and Nodepool from PyPI, with upstream's paths and users (Zuul 14.3.0, Nodepool 11.0.0). Pure. */
import type { Recipe } from "./recipe.ts";

const components = ["scheduler", "web", "executor", "merger", "fingergw", "launcher"];
const ansible = "/opt/zuul/lib/zuul/ansible";
const collections = "opt/zuul/lib/zuul/ansible/11/lib/python3.11/site-packages/ansible_collections";

export const zuul: Recipe = {
  name: "zuul",
  version: "14.3.0",
  aliases: ["zuul", ...components.map((component) => `zuul-${component}`)],
  from: "base",
  users: [{ name: "zuul", id: 10001, home: "/var/lib/zuul" }],
  packages: ["bubblewrap", "rsync", "bzip2", "unzip", "zstd", "socat", "xz-utils"],
  environments: [
    { path: "/opt/zuul", lock: "zuul.txt" },
    { path: `${ansible}/11`, lock: "ansible.txt", compile: false },
  ],
  // Zuul refuses to start an executor unless every version that it supports answers; we keep the default one.
  files: [
    {
      path: `${ansible}/9/bin/ansible`,
      mode: 0o755,
      content: '#!/bin/sh\necho "ansible [core 2.16.0]"\n',
    },
  ],
  links: [["/usr/local/bin", "/opt/zuul/bin/zuul*"]],
  env: { LANG: "C.UTF-8", PYTHONDONTWRITEBYTECODE: "1" },
  remove: [
    "opt/zuul/lib/python3.11/site-packages/*/tests",
    // Of the community package only what Zuul's own job library uses.
    `${collections}/!(ansible|community)`,
    `${collections}/ansible/!(posix|utils)`,
    `${collections}/community/!(general)`,
    `${collections}/community/general/tests`,
  ],
  minutes: 3,
};

export const nodepool: Recipe = {
  name: "nodepool",
  version: "11.0.0",
  aliases: ["nodepool", "nodepool-launcher", "nodepool-builder"],
  from: "base",
  users: [{ name: "nodepool", id: 10001, home: "/var/lib/nodepool" }],
  packages: ["debootstrap", "dosfstools", "gdisk", "kpartx", "qemu-utils", "sudo", "xz-utils", "zstd"],
  environments: [{ path: "/opt/nodepool", lock: "nodepool.txt" }],
  links: [["/usr/local/bin", "/opt/nodepool/bin/nodepool*"]],
  env: { LANG: "C.UTF-8", PYTHONDONTWRITEBYTECODE: "1" },
  remove: ["opt/nodepool/lib/python3.11/site-packages/*/tests"],
  minutes: 3,
};
