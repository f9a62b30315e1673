/** Pulp from PyPI: pulpcore with s3 and the plugins file, container and python. User and paths as upstream. Pure. */
import type { Recipe } from "./recipe.ts";

const owned = (path: string) => ({ path, owner: "700:0", mode: "2775" });

export const pulp: Recipe = {
  name: "pulp-minimal",
  version: "3.123.1",
  from: "base",
  users: [{ name: "pulp", id: 700, home: "/var/lib/pulp" }],
  packages: ["gnupg"],
  environments: [{ path: "/opt/pulp", lock: "pulp.txt" }],
  directories: [
    { path: "/etc/pulp", owner: "0:0", mode: "0755" },
    ...["", "/media", "/tmp", "/assets", "/scripts"].map((folder) => owned(`/var/lib/pulp${folder}`)),
    owned("/var/lib/operator/static"),
  ],
  links: [
    ["/usr/local/bin", "/opt/pulp/bin/pulpcore-*"],
    ["/usr/local/bin", "/opt/pulp/bin/gunicorn"],
  ],
  run: [
    [
      "env",
      "PULP_STATIC_ROOT=/var/lib/operator/static/",
      "PULP_CONTENT_ORIGIN=http://localhost",
      "DJANGO_SETTINGS_MODULE=pulpcore.app.settings",
      "/opt/pulp/bin/pulpcore-manager",
      "collectstatic",
      "--noinput",
    ],
  ],
  // The environment first on PATH: plain python3 must see Pulp's packages.
  env: {
    LANG: "C.UTF-8",
    PYTHONDONTWRITEBYTECODE: "1",
    PULP_SETTINGS: "/etc/pulp/settings.py",
    DJANGO_SETTINGS_MODULE: "pulpcore.app.settings",
    PATH: "/opt/pulp/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  },
  minutes: 2,
};
