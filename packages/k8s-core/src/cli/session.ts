/** One connection of a command to the cluster, loaded only by commands that need one. */
import type { Connection } from "../wire/connect.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";

export interface ConnectionFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
}

export interface Session extends Disposable {
  readonly client: Connection["client"];
  readonly namespace: string;
}

/** @throws CommandError `unreachable` when no cluster is configured or it does not answer */
export async function openSession(flags: ConnectionFlags, userAgent: string): Promise<Session> {
  const { connect } = await import("../wire/connect.ts");
  try {
    const { namespace, kubeconfig, context } = flags;
    const connection = await connect({
      userAgent,
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
      ...(context === undefined ? {} : { context }),
    });
    await connection.client.read("/version");
    return {
      client: connection.client,
      namespace: namespace ?? connection.namespace,
      [Symbol.dispose]: () => connection.close(),
    };
  } catch (error) {
    throw unreachable(error);
  }
}

export function unreachable(cause: unknown): CommandError {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new CommandError(
    exitCodes.unreachable,
    `Cannot reach the cluster: ${detail}. Check KUBECONFIG, --kubeconfig or --context`,
    { cause },
  );
}
