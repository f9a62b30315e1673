/** `wait NAME`: until the resource is Ready; when it is not, what failed and that pod's last words. */
import { kinds } from "../kinds.ts";
import type { LiveObject } from "../model/manifest.ts";
import type { Condition } from "../model/status.ts";
import { CommandError } from "./exit-codes.ts";
import type { OperatorDefinition } from "./operator.ts";
import { resourceKind } from "./resource-kind.ts";
import { type ConnectionFlags, openSession, type Session } from "./session.ts";
import { until, type Verdict } from "./until.ts";

export interface WaitOptions extends ConnectionFlags {
  /** Milliseconds. */
  readonly timeout: number;
  readonly kind?: string;
}

interface StatusView {
  readonly observedGeneration?: number;
  readonly next?: string;
  readonly url?: string;
  readonly conditions?: readonly Condition[];
}

export async function wait(operator: OperatorDefinition, name: string, options: WaitOptions): Promise<void> {
  using session = await openSession(options, `${operator.name}/${operator.version} (wait)`);
  const kind = resourceKind(operator, options.kind);
  try {
    const live = await until({
      session,
      kind,
      namespace: session.namespace,
      name,
      timeoutMs: options.timeout,
      say: (line) => process.stderr.write(`${line}\n`),
      judge: judgeReady,
    });
    const { url } = (live["status"] ?? {}) as StatusView;
    process.stdout.write(`${kind.kind} ${name} is ready${url === undefined ? "" : ` at ${url}`}\n`);
  } catch (error) {
    if (error instanceof CommandError) await printLastWords(session, name);
    throw error;
  }
}

export function judgeReady(live: LiveObject): Verdict {
  const { observedGeneration = 0, conditions = [], next } = (live["status"] ?? {}) as StatusView;
  const find = (type: string): Condition | undefined => conditions.find((one) => one.type === type);
  if (observedGeneration < (live.metadata.generation ?? 0))
    return {
      done: false,
      waitingFor: "the operator to see the change; does it run and watch this namespace?",
    };
  if (find("Ready")?.status === "True") return { done: true };
  const stalled = find("Stalled");
  if (stalled?.status === "True") return { done: false, failed: `${stalled.reason}: ${stalled.message}` };
  return { done: false, waitingFor: next ?? find("Ready")?.message ?? "the first status" };
}

/** The last lines of every container of this resource that is not ready. */
async function printLastWords({ client, namespace }: Session, instance: string): Promise<void> {
  const { items } = await client.list(kinds.Pod, namespace, {
    labels: { "app.kubernetes.io/instance": instance },
  });
  for (const { pod, container } of items.flatMap(unready)) {
    const path = `/api/v1/namespaces/${namespace}/pods/${pod}/log?container=${container}&tailLines=15`;
    const log = await client
      .read(path)
      .catch((error: unknown) => `(no log: ${error instanceof Error ? error.message : String(error)})`);
    process.stderr.write(`\nLast lines of ${pod}, container ${container}:\n${log.trimEnd()}\n`);
  }
}

interface ContainerStatus {
  readonly name: string;
  readonly ready?: boolean;
  readonly state?: { readonly terminated?: { readonly exitCode?: number } };
}

function unready({ metadata, ...pod }: LiveObject): readonly { pod: string; container: string }[] {
  const status = (pod["status"] ?? {}) as {
    readonly phase?: string;
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
  if (status.phase === "Succeeded") return [];
  const init = (status.initContainerStatuses ?? []).filter(({ state }) => state?.terminated?.exitCode !== 0);
  const main = (status.containerStatuses ?? []).filter(({ ready }) => ready !== true);
  return [...init, ...main].map(({ name }) => ({ pod: metadata.name, container: name }));
}
