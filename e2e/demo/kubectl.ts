/** kubectl against one cluster. */
import type { Manifest } from "@zuul-pulp/k8s-core/model";
import { run } from "../run.ts";

export interface Kubectl {
  (...args: readonly string[]): Promise<string>;
  /** With text on its standard input, for what must not stand on a command line. */
  feed(input: string, ...args: readonly string[]): Promise<string>;
  apply(manifests: readonly Manifest[], namespace?: string): Promise<void>;
  get<T>(kind: string, name: string, namespace?: string): Promise<T>;
  /** Merges into the object; `null` removes a member. */
  merge(kind: string, name: string, namespace: string, patch: object): Promise<void>;
}

export function kubectlFor(kubeconfig: string, program = "kubectl"): Kubectl {
  const call = (args: readonly string[], input?: string): Promise<string> =>
    run([program, "--kubeconfig", kubeconfig, ...args], input === undefined ? {} : { input });
  const within = (namespace: string | undefined): readonly string[] =>
    namespace === undefined ? [] : ["-n", namespace];
  return Object.assign((...args: readonly string[]) => call(args), {
    feed: (input: string, ...args: readonly string[]) => call(args, input),
    apply: async (manifests: readonly Manifest[], namespace?: string) => {
      const list = { apiVersion: "v1", kind: "List", items: manifests };
      await call(
        [
          ...within(namespace),
          "apply",
          "--server-side",
          "--force-conflicts",
          "--field-manager=demo",
          "-f",
          "-",
        ],
        JSON.stringify(list),
      );
    },
    get: async <T>(kind: string, name: string, namespace?: string) =>
      JSON.parse(await call([...within(namespace), "get", kind, name, "-o", "json"])) as T,
    merge: async (kind: string, name: string, namespace: string, patch: object) => {
      await call([
        ...within(namespace),
        "patch",
        kind,
        name,
        "--type=merge",
        `--patch=${JSON.stringify(patch)}`,
      ]);
    },
  });
}
