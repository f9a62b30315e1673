/** Uploads a file to Pulp through its API, publishes and distributes it, and downloads it again. Talks HTTP. */
import { createHash, randomUUID } from "node:crypto";
import { waitFor } from "../wait-for.ts";
import { json } from "./zuul-job.ts";

export interface PulpAccess {
  /** Exposed URL without trailing slash. */
  readonly url: string;
  readonly password: string;
}

interface Task {
  readonly state: string;
  readonly created_resources: readonly string[];
  readonly error: unknown;
}

/** On a busy machine an answer takes its time; nginx gives up first. */
const patienceMs = 180_000;

/** Calls Pulp's API as admin and follows its tasks. */
export interface PulpClient {
  /** GET without a body, POST with one. */
  call<T>(path: string, body?: Readonly<Record<string, unknown>> | FormData): Promise<T>;
  /** Waits until a task is completed. @throws Error with the task's own error when it failed */
  finish(task: string): Promise<Task>;
}

export function pulpClient({ url, password }: PulpAccess): PulpClient {
  const authorization = `Basic ${Buffer.from(`admin:${password}`).toString("base64")}`;
  const call: PulpClient["call"] = (path, body) => json(`${url}${path}`, request(body), patienceMs);
  const request = (body: Parameters<PulpClient["call"]>[1]): RequestInit => {
    if (body === undefined) return { headers: { authorization } };
    if (body instanceof FormData) return { method: "POST", headers: { authorization }, body };
    const headers = { authorization, "content-type": "application/json" };
    return { method: "POST", headers, body: JSON.stringify(body) };
  };
  const finish = (task: string): Promise<Task> =>
    waitFor({ what: `Pulp task ${task}`, timeoutMs: 400_000 }, async () => {
      const now = await call<Task>(task);
      if (now.state === "failed" || now.state === "canceled")
        throw new Error(`Pulp task ${now.state}: ${JSON.stringify(now.error)}`);
      return now.state === "completed" ? now : undefined;
    });
  return { call, finish };
}

export interface Served {
  readonly fileUrl: string;
  readonly sha256: string;
}

/** @throws Error when a task fails or the bytes that come back differ */
export async function serveFile(
  access: PulpAccess,
  bytes: Uint8Array<ArrayBuffer>,
  fileName: string,
): Promise<Served> {
  const { call, finish } = pulpClient(access);
  const created = async (task: string, kind: string): Promise<string> => {
    const href = (await finish(task)).created_resources.find((resource) => resource.includes(kind));
    if (href === undefined) throw new Error(`Pulp task ${task} made no ${kind}`);
    return href;
  };
  const name = `demo-${randomUUID().slice(0, 8)}`;
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const repository = await call<{ pulp_href: string }>("/pulp/api/v3/repositories/file/file/", { name });
  const form = new FormData();
  form.set("relative_path", fileName);
  form.set("repository", repository.pulp_href);
  form.set("file", new Blob([bytes]), fileName);
  await finish((await call<{ task: string }>("/pulp/api/v3/content/file/files/", form)).task);
  const publication = await created(
    (
      await call<{ task: string }>("/pulp/api/v3/publications/file/file/", {
        repository: repository.pulp_href,
      })
    ).task,
    "/publications/",
  );
  const distribution = await created(
    (
      await call<{ task: string }>("/pulp/api/v3/distributions/file/file/", {
        name,
        base_path: name,
        publication,
      })
    ).task,
    "/distributions/",
  );
  const { base_url } = await call<{ base_url: string }>(distribution);
  const fileUrl = new URL(`${base_url.replace(/\/?$/, "/")}${fileName}`, access.url).href;
  const answer = await fetch(fileUrl, { signal: AbortSignal.timeout(patienceMs) });
  const back = createHash("sha256")
    .update(new Uint8Array(await answer.arrayBuffer()))
    .digest("hex");
  if (!answer.ok || back !== sha256)
    throw new Error(`${fileUrl} answered ${answer.status} with sha256 ${back}, expected ${sha256}`);
  return { fileUrl, sha256 };
}
