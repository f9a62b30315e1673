import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { pulpClient } from "../demo/pulp-file.ts";
import { ensureImages } from "../images/images.ts";
import { run } from "../run.ts";
import { ensurePackages } from "../system-packages.ts";
import { clusterUnderTest, pulpAccess } from "./cluster-under-test.ts";

/** The smallest wheel that pip accepts; argument: where to write it. */
const makeWheel = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    wheel.writestr("greeting.py", "text = 'hello'\\n")
    wheel.writestr("greeting-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: greeting\\nVersion: 1.0\\n")
    wheel.writestr("greeting-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr("greeting-1.0.dist-info/RECORD", "")
`;

describe("the ordinary clients of a real Pulp", () => {
  let access: { url: string; password: string };
  let folder: string;

  beforeAll(async () => {
    access = await pulpAccess(await clusterUnderTest());
    folder = await mkdtemp(join(tmpdir(), "pulp-clients-"));
    return () => rm(folder, { recursive: true });
  });

  test("pip downloads a wheel that was just uploaded, byte by byte the same", async () => {
    const pulp = pulpClient(access);
    const file = "greeting-1.0-py3-none-any.whl";
    await run(["python3", "-c", makeWheel, join(folder, file)]);
    const wheel = await readFile(join(folder, file));
    const name = `python-${Date.now()}`;
    const repository = await pulp.call<{ pulp_href: string }>("/pulp/api/v3/repositories/python/python/", {
      name,
    });
    const form = new FormData();
    form.set("relative_path", file);
    form.set("repository", repository.pulp_href);
    form.set("file", new Blob([new Uint8Array(wheel)]), file);
    await pulp.finish(
      (await pulp.call<{ task: string }>("/pulp/api/v3/content/python/packages/", form)).task,
    );
    const publish = await pulp.call<{ task: string }>("/pulp/api/v3/publications/python/pypi/", {
      repository: repository.pulp_href,
    });
    const { created_resources } = await pulp.finish(publish.task);
    const distribute = await pulp.call<{ task: string }>("/pulp/api/v3/distributions/python/pypi/", {
      name,
      base_path: name,
      publication: created_resources[0],
    });
    await pulp.finish(distribute.task);
    const target = await mkdtemp(join(folder, "pip-"));
    const { hostname } = new URL(access.url);
    await run([
      "python3",
      "-m",
      "pip",
      "download",
      "--isolated",
      "--no-deps",
      "--no-cache-dir",
      "--disable-pip-version-check",
      "--trusted-host",
      hostname,
      "--index-url",
      `${access.url}/pypi/${name}/simple/`,
      "--dest",
      target,
      "greeting",
    ]);
    expect(await readdir(target)).toEqual([file]);
    expect(wheel.equals(await readFile(join(target, file)))).toBe(true);
  });

  test("skopeo pushes an image and pulls it back with the same digest", async () => {
    await ensurePackages(
      "This test",
      [{ files: ["/usr/bin/skopeo"], package: "skopeo" }],
      true,
      () => undefined,
    );
    const archive = (await ensureImages(["zuul-operator"], () => undefined, true)).get("zuul-operator") ?? "";
    const { host } = new URL(access.url);
    const authfile = join(folder, "auth.json");
    const auth = Buffer.from(`admin:${access.password}`).toString("base64");
    await writeFile(authfile, JSON.stringify({ auths: { [host]: { auth } } }), { mode: 0o600 });
    const remote = `docker://${host}/tests/operator:1`;
    const local = join(folder, "pulled");
    await run([
      "skopeo",
      "copy",
      "--quiet",
      "--authfile",
      authfile,
      "--dest-tls-verify=false",
      `docker-archive:${archive}:localhost/zuul-pulp/zuul-operator:dev`,
      remote,
    ]);
    await run([
      "skopeo",
      "copy",
      "--quiet",
      "--authfile",
      authfile,
      "--src-tls-verify=false",
      remote,
      `dir:${local}`,
    ]);
    const digestOf = (reference: string): Promise<string> =>
      run([
        "skopeo",
        "inspect",
        "--authfile",
        authfile,
        "--tls-verify=false",
        "--format",
        "{{.Digest}}",
        reference,
      ]);
    expect(await digestOf(`dir:${local}`)).toBe(await digestOf(remote));
  });
});
