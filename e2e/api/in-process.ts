/**
 * An operator in the test's own process: where it is not the process that is looked at, but what it asks. One that gave
 * up, as when its Lease could not be renewed, is started again, as the kubelet does.
 */
import { runOperator } from "@zuul-pulp/k8s-core";
import type { OperatorDefinition } from "@zuul-pulp/k8s-core/cli";
import { defaultGrants } from "@zuul-pulp/k8s-core/model";

export interface InProcess extends AsyncDisposable {
  /** Exit code once it has stopped. */
  end(): Promise<number>;
}

export interface InProcessProps {
  readonly operator: OperatorDefinition;
  readonly kubeconfig: string;
  readonly namespace: string;
  /** Value of `WATCH_NAMESPACE`, as the Deployment has it. Default: the own namespace. */
  readonly watched?: string;
}

export function inProcess({ operator, kubeconfig, namespace, watched }: InProcessProps): InProcess {
  const { name, version, controllers, grants } = operator;
  const stop = new AbortController();
  const run = async (): Promise<number> => {
    for (;;) {
      const code = await runOperator({
        name,
        version,
        controllers,
        grants: defaultGrants(grants),
        env: { WATCH_NAMESPACE: watched ?? namespace, POD_NAMESPACE: namespace },
        flags: { kubeconfig, namespace, logLevel: "fatal", metricsPort: -1, healthPort: -1 },
        signal: stop.signal,
      });
      if (stop.signal.aborted) return code;
    }
  };
  const running = run();
  const end = async (): Promise<number> => {
    stop.abort();
    return await running;
  };
  return { end, [Symbol.asyncDispose]: async () => void (await end()) };
}
