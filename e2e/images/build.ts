/**
 * Makes one image of a recipe in our storage and writes it as an archive. I/O.
 * chroot isolation and the host's network: needs no user namespace, no registry and no daemon.
 */
import {
  chmodSync,
  cpSync,
  globSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { buildah, cacheFolder, execute } from "./buildah.ts";
import type { Inputs } from "./machine.ts";
import { prefix, type Recipe } from "./recipe.ts";

const apt = [
  "-q",
  "-y",
  "--no-install-recommends",
  "-o",
  "Dir::Etc::sourcelist=/run/build/sources.list",
  "-o",
  "Dir::Etc::sourceparts=/dev/null",
  "-o",
  "Acquire::https::CAInfo=/run/build/ca.crt",
  "-o",
  "Dpkg::Options::=--force-confold",
  "-o",
  "APT::Sandbox::User=root",
];
const always = [
  "var/lib/apt/lists/*",
  "var/cache/apt/*",
  "var/cache/debconf/*-old",
  "var/log/*",
  "root/.cache",
  "tmp/*",
  "run/build",
];

/** Builds `recipe` and gives the archive's path. `parent` is the image's name in storage. */
export async function build(
  recipe: Recipe,
  parent: string,
  stored: string,
  archive: string,
  inputs: Inputs,
): Promise<void> {
  const container = await buildah("from", parent);
  try {
    const root = await buildah("mount", container);
    const inside = runner(container, inputs, recipe.env ?? {});
    if (recipe.from === "debootstrap") {
      await execute("debootstrap", [
        "--variant=minbase",
        "--include=ca-certificates",
        "bookworm",
        root,
        inputs.mirror,
      ]);
    }
    for (const { path, content } of recipe.presets ?? []) write(root, path, content, 0o755);
    for (const { name, id, gid = id, home } of recipe.users ?? []) {
      await inside("groupadd", "--gid", String(gid), name);
      await inside(
        "useradd",
        "--uid",
        String(id),
        "--gid",
        String(gid),
        "--create-home",
        "--home-dir",
        home,
        "--shell",
        "/bin/bash",
        name,
      );
      chmodSync(join(root, home), 0o755);
    }
    if (recipe.packages && recipe.packages.length > 0) {
      await inside("apt-get", ...apt, "update");
      if (recipe.from === "debootstrap") await inside("apt-get", ...apt, "upgrade");
      await inside("apt-get", ...apt, "install", ...recipe.packages);
    }
    for (const { path, lock, compile = true } of recipe.environments ?? []) {
      await inside("python3", "-m", "venv", path);
      const flags = compile ? [] : ["--no-compile"];
      await inside(
        `${path}/bin/pip`,
        "install",
        "-q",
        "--no-deps",
        ...flags,
        "-r",
        `/run/build/lock/${lock}`,
      );
    }
    for (const { path, mode, content } of recipe.files ?? []) write(root, path, content, mode);
    for (const [source, destination] of recipe.copies ?? []) {
      mkdirSync(dirname(join(root, destination)), { recursive: true });
      cpSync(source, join(root, destination), { recursive: true, dereference: true });
    }
    for (const { path, owner, mode } of recipe.directories ?? []) {
      mkdirSync(join(root, path), { recursive: true });
      await inside("chown", owner, path);
      await inside("chmod", mode, path);
    }
    for (const [folder, target] of recipe.links ?? []) link(root, folder, target);
    for (const argv of recipe.run ?? []) await inside(...argv);
    for (const pattern of [...always, ...(recipe.remove ?? [])]) {
      for (const match of globSync(pattern, { cwd: root }))
        rmSync(join(root, match), { recursive: true, force: true });
    }
    await configure(container, recipe);
    await buildah("commit", "--quiet", "--format", "docker", container, stored);
  } finally {
    await buildah("rm", container);
  }
  await exportArchive(recipe, stored, archive);
}

type Inside = (...argv: readonly string[]) => Promise<string>;

function runner(container: string, inputs: Inputs, env: Readonly<Record<string, string>>): Inside {
  const variables = { ...inputs.env, ...env, DEBIAN_FRONTEND: "noninteractive" };
  const assignments = Object.entries(variables).map(([key, value]) => `${key}=${value}`);
  const volumes = [`${inputs.folder}:/run/build:ro`, `${cacheFolder("pip")}:/root/.cache/pip`];
  return (...argv) =>
    buildah(
      "run",
      "--isolation",
      "chroot",
      "--network",
      "host",
      "--user",
      "0:0",
      ...volumes.flatMap((volume) => ["--volume", volume]),
      container,
      "--",
      "env",
      ...assignments,
      ...argv,
    );
}

function write(root: string, path: string, content: string, mode: number): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
  chmodSync(join(root, path), mode);
}

function link(root: string, folder: string, target: string): void {
  for (const match of globSync(target.slice(1), { cwd: root })) {
    const path = join(root, folder, basename(match));
    rmSync(path, { force: true });
    symlinkSync(`/${match}`, path);
    readlinkSync(path);
  }
}

async function configure(container: string, recipe: Recipe): Promise<void> {
  const { env = {}, user, entrypoint } = recipe;
  const flags = Object.entries(env).flatMap(([key, value]) => ["--env", `${key}=${value}`]);
  if (user !== undefined) flags.push("--user", user);
  if (entrypoint !== undefined) flags.push("--entrypoint", JSON.stringify(entrypoint));
  flags.push(
    "--label",
    `org.opencontainers.image.version=${recipe.version}`,
    "--created-by",
    "zuul-pulp images",
  );
  await buildah("config", ...flags, container);
}

/** docker-archive, because its one manifest can carry all names of an image; complete before it has its name. */
async function exportArchive(recipe: Recipe, stored: string, archive: string): Promise<void> {
  const names = (recipe.aliases ?? [recipe.name]).map((name) => `${prefix}/${name}:${recipe.version}`);
  const part = `${archive}.${process.pid}.part`;
  rmSync(part, { force: true });
  await buildah("push", "--quiet", stored, `docker-archive:${part}:${names[0]}`);
  if (names.length > 1) await renameInArchive(part, names);
  renameSync(part, archive);
}

/** Repacks, because GNU tar's --delete takes the member before the last one along. */
async function renameInArchive(archive: string, names: readonly string[]): Promise<void> {
  const folder = cacheFolder("tmp", basename(archive));
  await execute("tar", ["-C", folder, "-xf", archive]);
  const manifest: unknown = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
  const [entry]: readonly unknown[] = Array.isArray(manifest) ? manifest : [];
  rmSync(join(folder, "manifest.json"));
  writeFileSync(join(folder, "manifest.json"), JSON.stringify([{ ...Object(entry), RepoTags: names }]));
  await execute("tar", ["-C", folder, "-cf", archive, ...readdirSync(folder)]);
  rmSync(folder, { recursive: true });
}
