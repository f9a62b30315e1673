import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type PulpAccess, pulpClient } from "../demo/pulp-file.ts";
import { ensureImages } from "../images/images.ts";
import { run } from "../run.ts";
import { ensurePackages } from "../system-packages.ts";
import { waitFor } from "../wait-for.ts";
import { clusterUnderTest, type UnderTest } from "./cluster-under-test.ts";
import { curl } from "./curl.ts";
import {
  accessTo,
  demoPulp,
  objectsPulp,
  patchPulp,
  secretText,
  startObjects,
  untilObjects,
} from "./pulp-under-test.ts";
import { s3Bucket, s3Domain, s3NodePort } from "./s3-server.ts";

/** The smallest wheel that pip accepts; argument: where to write it. */
const makeWheel = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    wheel.writestr("greeting.py", "text = 'hello'\\n")
    wheel.writestr("greeting-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: greeting\\nVersion: 1.0\\n")
    wheel.writestr("greeting-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr("greeting-1.0.dist-info/RECORD", "")
`;

let cluster: UnderTest;

beforeAll(async () => {
  cluster = await clusterUnderTest();
  await startObjects(cluster);
});

describe.each([
  ["a file system", demoPulp],
  ["S3, behind TLS", objectsPulp],
] as const)("the ordinary clients of a Pulp over %s", (_, pulp) => {
  let access: PulpAccess;
  let folder: string;
  /** What the clients trust beside the usual authorities; absent: plain HTTP. */
  let authority: string | undefined;

  beforeAll(async () => {
    access = pulp === demoPulp ? await accessTo(cluster, pulp) : await untilObjects(cluster);
    folder = await mkdtemp(join(tmpdir(), "pulp-clients-"));
    authority = access.url.startsWith("https:") ? join(folder, "authority", "ca.crt") : undefined;
    if (authority !== undefined) {
      await run(["mkdir", join(folder, "authority")]);
      await writeFile(authority, await secretText(cluster, pulp.namespace, "objects-tls", "tls.crt"));
    }
    return () => rm(folder, { recursive: true });
  });

  test("curl uploads a file and downloads it again, byte by byte the same", async () => {
    const client = pulpClient(access);
    const name = `curl-${Date.now()}`;
    const file = join(folder, "file.bin");
    const bytes = randomBytes(5 * 1024 * 1024);
    await writeFile(file, bytes);
    const repository = await client.call<{ pulp_href: string }>("/pulp/api/v3/repositories/file/file/", {
      name,
      autopublish: true,
    });
    const trusting = { ...access, authority };
    const upload = await curl(trusting, "/pulp/api/v3/content/file/files/", [
      ...["-F", "relative_path=file.bin", "-F", `repository=${repository.pulp_href}`, "-F", `file=@${file}`],
    ]);
    await client.finish(JSON.parse(upload.body).task);
    const distribute = await client.call<{ task: string }>("/pulp/api/v3/distributions/file/file/", {
      name,
      base_path: name,
      repository: repository.pulp_href,
    });
    await client.finish(distribute.task);
    const back = join(folder, "back.bin");
    const answer = await curl(trusting, `/pulp/content/${name}/file.bin`, ["-L", "-o", back]);
    expect(answer.status).toBe(200);
    expect(sha256(await readFile(back))).toBe(sha256(bytes));
    // With S3 the client is sent to the bucket itself.
    expect(answer.urls).toBe(pulp === objectsPulp ? 2 : 1);
  });

  test("pip downloads a wheel that was just uploaded, byte by byte the same", async () => {
    const client = pulpClient(access);
    const file = "greeting-1.0-py3-none-any.whl";
    await run(["python3", "-c", makeWheel, join(folder, file)]);
    const wheel = await readFile(join(folder, file));
    const name = `python-${Date.now()}`;
    const repository = await client.call<{ pulp_href: string }>("/pulp/api/v3/repositories/python/python/", {
      name,
    });
    const form = new FormData();
    form.set("relative_path", file);
    form.set("repository", repository.pulp_href);
    form.set("file", new Blob([new Uint8Array(wheel)]), file);
    await client.finish(
      (await client.call<{ task: string }>("/pulp/api/v3/content/python/packages/", form)).task,
    );
    const publish = await client.call<{ task: string }>("/pulp/api/v3/publications/python/pypi/", {
      repository: repository.pulp_href,
    });
    const { created_resources } = await client.finish(publish.task);
    const distribute = await client.call<{ task: string }>("/pulp/api/v3/distributions/python/pypi/", {
      name,
      base_path: name,
      publication: created_resources[0],
    });
    await client.finish(distribute.task);
    const target = await mkdtemp(join(folder, "pip-"));
    // Variables of this machine would win over the option.
    const env = authority === undefined ? {} : { REQUESTS_CA_BUNDLE: authority, CURL_CA_BUNDLE: authority };
    const pip = [
      ...["python3", "-m", "pip", "download", "--isolated", "--no-deps", "--no-cache-dir"],
      "--disable-pip-version-check",
      ...(authority === undefined ? ["--trusted-host", new URL(access.url).hostname] : ["--cert", authority]),
      ...["--index-url", `${access.url}/pypi/${name}/simple/`, "--dest", target, "greeting"],
    ];
    await run(pip, { env });
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
    const trust = (side: "src-" | "dest-" | ""): readonly string[] =>
      authority === undefined
        ? [`--${side}tls-verify=false`]
        : [`--${side}cert-dir`, join(folder, "authority")];
    const skopeo = (...args: readonly string[]) => run(["skopeo", ...args]);
    // Pulp gives its own small tasks five seconds and then answers 500: a busy machine needs another attempt.
    await waitFor({ what: "skopeo to push", timeoutMs: 400_000, everyMs: 5000 }, () =>
      skopeo(
        ...["copy", "--quiet", "--authfile", authfile, ...trust("dest-")],
        ...[`docker-archive:${archive}:localhost/zuul-pulp/zuul-operator:dev`, remote],
      ),
    );
    await skopeo("copy", "--quiet", "--authfile", authfile, ...trust("src-"), remote, `dir:${local}`);
    const digestOf = (reference: string): Promise<string> =>
      skopeo("inspect", "--authfile", authfile, ...trust(""), "--format", "{{.Digest}}", reference);
    expect(await digestOf(`dir:${local}`)).toBe(await digestOf(remote));
  });
});

describe("a Pulp over S3", () => {
  test("keeps its content when the bucket is addressed by its host name instead of by path", async () => {
    const access = await untilObjects(cluster);
    const authority = await secretText(cluster, objectsPulp.namespace, "objects-tls", "tls.crt");
    const folder = await mkdtemp(join(tmpdir(), "pulp-s3-"));
    await writeFile(join(folder, "ca.crt"), authority);
    const trusting = { ...access, authority: join(folder, "ca.crt") };
    const before = await put(trusting, "by path");
    await patchPulp(cluster, objectsPulp, {
      storage: { s3: { endpoint: `http://${s3Domain}:7070`, addressing: "virtual" } },
      // Clients outside do not know that name.
      settings: { REDIRECT_TO_OBJECT_STORAGE: false },
    });
    await untilObjects(cluster);
    const after = await put(trusting, "by host name");
    for (const { path, text } of [before, after]) {
      const answer = await curl(trusting, path, ["-L"]);
      expect([answer.body, answer.urls]).toEqual([text, 1]);
    }
    // Back to where it was; whoever needs it next waits for that.
    await patchPulp(cluster, objectsPulp, {
      storage: { s3: { endpoint: `http://${cluster.nodeAddress}:${s3NodePort}`, addressing: "path" } },
      settings: null,
    });
    await rm(folder, { recursive: true });

    async function put(to: PulpAccess & { authority: string }, text: string) {
      const client = pulpClient(to);
      const name = `${s3Bucket}-${Date.now()}`;
      const { pulp_href: repository } = await client.call<{ pulp_href: string }>(
        "/pulp/api/v3/repositories/file/file/",
        { name, autopublish: true },
      );
      const form = new FormData();
      form.set("relative_path", "text");
      form.set("repository", repository);
      form.set("file", new Blob([text]), "text");
      await client.finish(
        (await client.call<{ task: string }>("/pulp/api/v3/content/file/files/", form)).task,
      );
      const distribution = { name, base_path: name, repository };
      await client.finish(
        (await client.call<{ task: string }>("/pulp/api/v3/distributions/file/file/", distribution)).task,
      );
      return { path: `/pulp/content/${name}/text`, text };
    }
  });
});

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
