/** Runs one of our own commands as a user would, against one cluster; its progress lines become ours. */
import { run } from "../run.ts";

const programs = {
  "zuul-operator": "apps/zuul-operator/src/main.ts",
  "pulp-operator": "apps/pulp-operator/src/main.ts",
} as const;

export function operatorCommand(
  operator: keyof typeof programs,
  kubeconfig: string,
  args: readonly string[],
  say: (line: string) => void,
): Promise<string> {
  return run([process.execPath, "--conditions=@zuul-pulp/source", programs[operator], ...args], {
    env: { KUBECONFIG: kubeconfig, NO_COLOR: "1" },
    cwd: new URL("../..", import.meta.url).pathname,
    onLine: (line) => say(`${operator}: ${line}`),
  });
}
