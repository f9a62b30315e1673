/**
 * The backing services from Debian packages. The contract is the program on PATH and its user (uid as in the
 * published image); configuration and start scripts are mounted by the operators. Pure.
 */
import type { Recipe } from "./recipe.ts";

const netty = [
  "netty-codec",
  "netty-resolver",
  "netty-transport-native-unix-common",
  "netty-transport-classes-epoll",
  "slf4j-simple",
];

export const zookeeper: Recipe = {
  name: "zookeeper",
  version: "3.8",
  from: "base",
  users: [{ name: "zookeeper", id: 1000, home: "/var/lib/zookeeper" }],
  // Java's install script makes links in this folder, which the base leaves out.
  presets: [{ path: "/usr/share/man/man1/.keep", content: "" }],
  packages: ["zookeeper", "openjdk-17-jre-headless", "libnetty-java", "libslf4j-java"],
  // The published image has zkServer.sh on PATH. The script finds its neighbours by its own folder: no symlink.
  files: [
    {
      path: "/usr/local/bin/zkServer.sh",
      mode: 0o755,
      content: '#!/bin/sh\nexec /usr/share/zookeeper/bin/zkServer.sh "$@"\n',
    },
  ],
  // Debian's class path lacks the jars that the TLS connection factory needs.
  run: [
    [
      "sed",
      "-i",
      `/^CLASSPATH=/s|"$|${netty.map((jar) => `:/usr/share/java/${jar}.jar`).join("")}"|`,
      "/etc/zookeeper/conf/environment",
    ],
  ],
  minutes: 1,
};

export const mariadb: Recipe = {
  name: "mariadb",
  version: "10.11",
  from: "base",
  users: [{ name: "mysql", id: 999, home: "/var/lib/mysql" }],
  packages: ["mariadb-server-core", "mariadb-client"],
  directories: [
    { path: "/var/lib/mysql", owner: "999:999", mode: "0750" },
    { path: "/run/mysqld", owner: "999:999", mode: "0755" },
  ],
  minutes: 1,
};

export const postgres: Recipe = {
  name: "postgres",
  version: "15",
  from: "base",
  users: [{ name: "postgres", id: 999, home: "/var/lib/postgresql" }],
  presets: [{ path: "/etc/postgresql-common/createcluster.conf", content: "create_main_cluster = false\n" }],
  packages: ["postgresql-15"],
  links: [["/usr/local/bin", "/usr/lib/postgresql/15/bin/*"]],
  directories: [{ path: "/run/postgresql", owner: "999:999", mode: "2775" }],
  // Just-in-time compilation is the larger half of the package and off for us.
  remove: [
    "usr/lib/postgresql/15/lib/bitcode",
    "usr/lib/postgresql/15/lib/llvmjit*",
    "usr/lib/x86_64-linux-gnu/libLLVM*",
    "usr/lib/x86_64-linux-gnu/libz3*",
  ],
  minutes: 1,
};

export const redis: Recipe = {
  name: "redis",
  version: "7",
  from: "base",
  users: [{ name: "redis", id: 999, gid: 1000, home: "/var/lib/redis" }],
  packages: ["redis-server"],
  minutes: 1,
};

export const nginx: Recipe = {
  name: "nginx",
  version: "1.22",
  from: "base",
  // Debian's base already has a group 101, so the user shares its number.
  run: [
    [
      "useradd",
      "--non-unique",
      "--uid",
      "101",
      "--gid",
      "101",
      "--create-home",
      "--home-dir",
      "/var/cache/nginx",
      "nginx",
    ],
  ],
  packages: ["nginx-light"],
  minutes: 1,
};
