/** What the Zuul suites do with a running Zuul: ask its API, hold a job as long as a story needs it. HTTP and git. */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gitNodePort } from "../demo/git-server.ts";
import { namespaces, zuulWebNodePort } from "../demo/resources.ts";
import { type Build, json, type ZuulAddresses } from "../demo/zuul-job.ts";
import { run } from "../run.ts";
import { waitFor } from "../wait-for.ts";
import type { UnderTest } from "./cluster-under-test.ts";

export const zuulKind = "zuuls.zuul-ci.org";

/** Two views of one git server: from this machine, and from a pod. */
export interface GitServer {
  readonly outside: string;
  readonly inside: string;
}

/** The Zuul of the demo, seen from this machine. */
export const demoZuul = ({ nodeAddress }: UnderTest): ZuulAddresses => ({
  web: `http://${nodeAddress}:${zuulWebNodePort}`,
  git: `git://${nodeAddress}:${gitNodePort}`,
});

export const demoGit = (cluster: UnderTest): GitServer => ({
  outside: demoZuul(cluster).git,
  inside: `git://git-server.${namespaces.zuul}.svc`,
});

/** One Zuul resource. */
export interface ZuulRef {
  readonly namespace: string;
  readonly name: string;
}

interface PodList {
  readonly items: readonly {
    readonly metadata: {
      readonly uid: string;
      readonly deletionTimestamp?: string;
      readonly creationTimestamp: string;
      readonly labels: Readonly<Record<string, string>>;
    };
    readonly spec: { readonly containers: readonly { readonly image: string }[] };
    readonly status: {
      readonly conditions?: readonly {
        readonly type: string;
        readonly status: string;
        readonly lastTransitionTime: string;
      }[];
    };
  }[];
}

export interface PodTimes {
  readonly component: string;
  readonly image: string;
  /** Milliseconds since the epoch, to the second. */
  readonly created: number;
  /** Absent while it is not ready. */
  readonly ready?: number;
}

/** Pods of one Zuul that are to stay, by uid. */
export async function podsOf(
  { kubectl }: UnderTest,
  { namespace, name }: ZuulRef,
): Promise<ReadonlyMap<string, PodTimes>> {
  const selector = `app.kubernetes.io/instance=${name},app.kubernetes.io/part-of=zuul`;
  const answer = await kubectl("-n", namespace, "get", "pods", "-l", selector, "-o", "json");
  const { items } = JSON.parse(answer) as PodList;
  return new Map(
    items
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(({ metadata, spec, status }) => {
        const ready = status.conditions?.find(({ type }) => type === "Ready");
        return [
          metadata.uid,
          {
            component: metadata.labels["app.kubernetes.io/component"] ?? "",
            image: spec.containers[0]?.image ?? "",
            created: Date.parse(metadata.creationTimestamp),
            ...(ready?.status === "True" ? { ready: Date.parse(ready.lastTransitionTime) } : {}),
          },
        ] as const;
      }),
  );
}

/** One container, and a command of its image that is written in Python. */
export interface PythonIn {
  readonly namespace: string;
  /** As kubectl names it: `statefulset/zuul-scheduler`. */
  readonly pod: string;
  readonly container: string;
  readonly command: string;
}

/** Its first line says which Python has the packages, wherever an image keeps them. */
const asTheCommand = `
import os, shutil, sys
with open(shutil.which(sys.argv[1])) as script:
    python = script.readline()[2:].strip()
os.execv(python, [python, "-W", "ignore", "-c", sys.argv[2]])
`;

/** What a Python program prints in the environment of the image's own command; `input` is its standard input. */
export function runPython(
  { kubectl }: UnderTest,
  { namespace, pod, container, command }: PythonIn,
  source: string,
  input: string,
): Promise<string> {
  const words = ["-n", namespace, "exec", "-i", pod, "-c", container, "--"];
  return kubectl.feed(input, ...words, "python3", "-c", asTheCommand, command, source);
}

const kindsOfAZuul = [
  "pods",
  "statefulsets",
  "deployments",
  "services",
  "configmaps",
  "secrets",
  "persistentvolumeclaims",
  "networkpolicies",
  "poddisruptionbudgets",
];

/** Everything in the cluster that bears the labels of one Zuul: `kind/name`. */
export async function objectsOf(
  { kubectl }: UnderTest,
  { namespace, name }: ZuulRef,
): Promise<readonly string[]> {
  const selector = `app.kubernetes.io/instance=${name},app.kubernetes.io/part-of=zuul`;
  const kinds = kindsOfAZuul.join(",");
  const answer = await kubectl("-n", namespace, "get", kinds, "-l", selector, "-o", "name");
  return answer.split("\n").filter((line) => line !== "");
}

/** Components with a pod that was not there before, sorted. */
export function replaced(
  before: ReadonlyMap<string, PodTimes>,
  now: ReadonlyMap<string, PodTimes>,
): readonly string[] {
  return [...now]
    .filter(([uid]) => !before.has(uid))
    .map(([, { component }]) => component)
    .toSorted();
}

export interface Program {
  readonly hostname: string;
  readonly state: string;
  readonly version: string;
}

/** Zuul's own registry of its processes, by kind. */
export const programsOf = (web: string): Promise<Readonly<Record<string, readonly Program[]>>> =>
  json(`${web}/api/components`);

/** A job in tenant `example` of each of some Zuuls, which runs until it is let go, however slow the machine is. */
export interface HeldJob {
  /** Of the running build, by the base URL of its Zuul's web server. */
  readonly uuids: ReadonlyMap<string, string>;
  /** Lets it end and gives its result, in the order of the Zuuls. */
  release(): Promise<readonly string[]>;
}

/**
 * Pushes a commit to `sandbox` whose job waits for a reference of that repository, and waits until executors have
 * begun with it. The push is repeated while nobody does: Zuul's git driver reports only what comes after its first look.
 */
export async function holdJob(git: GitServer, ...webs: readonly string[]): Promise<HeldJob> {
  const word = `refs/let-go/${randomBytes(4).toString("hex")}`;
  await commitTo(git, "hello.yaml", waitingPlaybook(`${git.inside}/sandbox`, word));
  const uuids = new Map<string, string>();
  for (const web of webs) uuids.set(web, await runningBuild(git, web));
  return {
    uuids,
    release: async () => {
      await inClone(git, (inRepo) => inRepo("push", "-q", "origin", `HEAD:${word}`));
      const results = await Promise.all([...uuids].map(([web, uuid]) => resultOf(web, uuid)));
      await commitTo(git, "hello.yaml", shortPlaybook);
      return results;
    },
  };
}

interface Status {
  readonly pipelines: readonly {
    readonly change_queues: readonly {
      readonly heads: readonly (readonly {
        readonly jobs: readonly { readonly uuid: string | null; readonly start_time: number | null }[];
      }[])[];
    }[];
  }[];
}

async function runningBuild(git: GitServer, web: string): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await waitFor({ what: `a running build at ${web}`, timeoutMs: 60_000 }, async () => {
        const { pipelines } = await json<Status>(`${web}/api/tenant/example/status`);
        return pipelines
          .flatMap(({ change_queues }) => change_queues.flatMap(({ heads }) => heads.flat()))
          .flatMap(({ jobs }) => jobs)
          .flatMap(({ uuid, start_time }) => (uuid === null || start_time === null ? [] : [uuid]))[0];
      });
    } catch (error) {
      if (attempt >= 5) throw error;
      await commitTo(git, "again.txt", `${attempt}\n`);
    }
  }
}

function resultOf(web: string, uuid: string): Promise<string> {
  return waitFor({ what: `the result of build ${uuid}`, timeoutMs: 300_000 }, async () => {
    const build = await json<Build>(`${web}/api/tenant/example/build/${uuid}`);
    return typeof build.result === "string" ? build.result : undefined;
  });
}

const shortPlaybook = `- hosts: localhost
  tasks:
    - name: Say what is built
      ansible.builtin.debug:
        msg: "Hello from {{ zuul.project.name }}"
`;

/** Polled by the job itself; the server's other references are Zuul's triggers, these are not. */
const waitingPlaybook = (repository: string, word: string): string => `- hosts: localhost
  tasks:
    - name: Say what is built
      ansible.builtin.debug:
        msg: "Hello from {{ zuul.project.name }}"
    - name: Wait until somebody lets the job go on
      ansible.builtin.command: git ls-remote --exit-code ${repository} ${word}
      register: answer
      until: answer.rc == 0
      retries: 280
      delay: 1
`;

/** Commits another content of one file of `sandbox`. */
export async function commitTo(git: GitServer, file: string, content: string): Promise<void> {
  await inClone(git, async (inRepo, folder) => {
    await writeFile(join(folder, file), content);
    await inRepo("add", ".");
    if ((await inRepo("status", "--porcelain")) === "") return;
    await inRepo("commit", "-qm", `Change ${file}`);
    await inRepo("push", "-q", "origin", "HEAD:main");
  });
}

/** What a file of `sandbox` held at the beginning. */
export async function seedOf(git: GitServer, file: string): Promise<string> {
  let content = "";
  await inClone(git, async (inRepo) => {
    const first = (await inRepo("rev-list", "--max-parents=0", "HEAD")).trim();
    content = await inRepo("show", `${first}:${file}`);
  });
  return content;
}

type InRepo = (...args: readonly string[]) => Promise<string>;

async function inClone(
  { outside }: GitServer,
  work: (inRepo: InRepo, folder: string) => Promise<unknown>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sandbox-"));
  try {
    await run(["git", "clone", "-q", `${outside}/sandbox`, folder]);
    await work(
      (...args) =>
        run(["git", "-C", folder, "-c", "user.name=e2e", "-c", "user.email=e2e@example.org", ...args]),
      folder,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}
