/** The one image that the node itself needs: `pause`, and a shell for the volume provisioner. Made without a registry. */
import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./processes.ts";

export const nodeImageName = "localhost/zuul-pulp/node-tools:1";

/** @returns path of a docker archive */
export async function nodeImage(pause: string, folder: string): Promise<string> {
  const build = join(folder, "node-image");
  const rootfs = join(build, "rootfs");
  mkdirSync(join(rootfs, "bin"), { recursive: true });
  mkdirSync(join(rootfs, "tmp"), { recursive: true });
  copyFileSync(pause, join(rootfs, "pause"));
  copyFileSync("/usr/bin/busybox", join(rootfs, "bin/busybox"));
  chmodSync(join(rootfs, "pause"), 0o755);
  for (const applet of ["sh", "mkdir", "rm", "chmod", "ls", "cat", "wget", "nslookup", "httpd"])
    symlinkSync("busybox", join(rootfs, "bin", applet));
  await run("tar", [
    "--sort=name",
    "--owner=0",
    "--group=0",
    "-C",
    rootfs,
    "-cf",
    join(build, "layer.tar"),
    ".",
  ]);
  const digest = createHash("sha256")
    .update(readFileSync(join(build, "layer.tar")))
    .digest("hex");
  const config = {
    architecture: process.arch === "arm64" ? "arm64" : "amd64",
    os: "linux",
    config: { Entrypoint: ["/pause"], Env: ["PATH=/bin"] },
    rootfs: { type: "layers", diff_ids: [`sha256:${digest}`] },
  };
  writeFileSync(join(build, "config.json"), JSON.stringify(config));
  writeFileSync(
    join(build, "manifest.json"),
    JSON.stringify([{ Config: "config.json", RepoTags: [nodeImageName], Layers: ["layer.tar"] }]),
  );
  const archive = join(build, "node-image.tar");
  await run("tar", ["-C", build, "-cf", archive, "manifest.json", "config.json", "layer.tar"]);
  return archive;
}
