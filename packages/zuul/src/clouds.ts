/** Credentials files of clouds: mounted at /etc/NAME, under the names where each cloud's library looks. Pure. */
import type { EnvVar, Mount } from "@zuul-pulp/constructs";
import type { ResolvedRefs, Sealed } from "@zuul-pulp/secret-ref";
import { cloudFolder } from "./folders.ts";
import type { Zuul } from "./parse.ts";

export interface CloudFiles {
  readonly mounts: readonly Mount[];
  readonly env: readonly EnvVar[];
  /** What the files hold: a change restarts the pods, which read them once. */
  readonly contents: readonly (readonly [string, Sealed])[];
}

interface WellKnown {
  /** File name that the library expects. */
  readonly file: string;
  readonly env?: string;
  readonly keys: readonly string[];
}

/** By the name in `spec.externalConfig`; other names keep their keys as file names, without environment. */
const libraries: Readonly<Record<string, readonly WellKnown[]>> = {
  openstack: [{ file: "clouds.yaml", env: "OS_CLIENT_CONFIG_FILE", keys: ["clouds.yaml", "clouds.yml"] }],
  kubernetes: [{ file: "config", env: "KUBECONFIG", keys: ["config", "kube.config", "kubeconfig"] }],
  amazon: [
    { file: "credentials", env: "AWS_SHARED_CREDENTIALS_FILE", keys: ["credentials"] },
    { file: "config", env: "AWS_CONFIG_FILE", keys: ["config", "aws.config"] },
  ],
  google: [
    {
      file: "credentials.json",
      env: "GOOGLE_APPLICATION_CREDENTIALS",
      keys: ["credentials.json", "key.json"],
    },
  ],
};

export function cloudFiles({ spec }: Zuul, refs: ResolvedRefs): CloudFiles {
  const parts = Object.entries(spec.externalConfig ?? {}).map(([name, { secretName }]) =>
    cloud(name, secretName, refs.all(`externalConfig.${name}`)),
  );
  return {
    mounts: parts.flatMap(({ mounts }) => mounts),
    env: parts.flatMap(({ env }) => env),
    contents: parts.flatMap(({ contents }) => contents),
  };
}

function cloud(name: string, secretName: string, values: ReadonlyMap<string, Sealed>): CloudFiles {
  const keys = [...values.keys()];
  const named = new Map<string, WellKnown>();
  for (const wanted of libraries[name] ?? []) {
    const key = wanted.keys.find((candidate) => keys.includes(candidate));
    if (key !== undefined) named.set(key, wanted);
  }
  // A Secret with one key of any name can only mean the library's first file.
  const [first] = libraries[name] ?? [];
  const [only, second] = keys;
  if (named.size === 0 && first !== undefined && only !== undefined && second === undefined)
    named.set(only, first);
  const folder = cloudFolder(name);
  const items = keys.map((key) => ({ key, path: named.get(key)?.file ?? key }));
  return {
    mounts: [{ path: folder, from: { kind: "secret", name: secretName, items, mode: 0o440 } }],
    env: [...named.values()].flatMap(({ env, file }) =>
      env === undefined ? [] : [{ name: env, value: `${folder}/${file}` }],
    ),
    contents: [...values].map(([key, sealed]) => [`${folder}/${key}`, sealed] as const),
  };
}
