/** Waits for one object by watching it, with a progress line whenever what is awaited changes. */
import type { KindSpec } from "../kinds.ts";
import type { LiveObject } from "../model/manifest.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";
import type { Session } from "./session.ts";

export type Verdict =
  | { readonly done: true }
  | { readonly done: false; readonly waitingFor: string }
  | { readonly done: false; readonly failed: string };

export interface UntilProps {
  readonly session: Session;
  readonly kind: KindSpec;
  readonly namespace: string;
  readonly name: string;
  readonly timeoutMs: number;
  say(line: string): void;
  judge(live: LiveObject): Verdict;
}

/** @throws CommandError `refused` when the verdict is a failure, `timedOut` when time is over */
export async function until({
  session,
  kind,
  namespace,
  name,
  timeoutMs,
  say,
  judge,
}: UntilProps): Promise<LiveObject> {
  const signal = AbortSignal.timeout(timeoutMs);
  let awaited = `${kind.kind} ${name} to exist`;
  let said = "";
  try {
    while (!signal.aborted) {
      // A watch that ends is normal: look again, then watch again.
      for await (const live of observations({ session, kind, namespace, name, signal })) {
        const verdict = judge(live);
        if (verdict.done) return live;
        if ("failed" in verdict) throw new CommandError(exitCodes.refused, verdict.failed);
        awaited = verdict.waitingFor;
        if (awaited !== said) say(awaited);
        said = awaited;
      }
    }
  } catch (error) {
    if (!signal.aborted || error instanceof CommandError) throw error;
  }
  throw new CommandError(
    exitCodes.timedOut,
    `Gave up after ${Math.round(timeoutMs / 1000)} s, still waiting for: ${awaited}`,
  );
}

async function* observations({
  session,
  kind,
  namespace,
  name,
  signal,
}: Pick<UntilProps, "session" | "kind" | "namespace" | "name"> & {
  signal: AbortSignal;
}): AsyncGenerator<LiveObject> {
  const { items, resourceVersion } = await session.client.list(kind, namespace, { name, signal });
  yield* items;
  for await (const event of session.client.watch(kind, namespace, {
    name,
    resourceVersion,
    timeoutSeconds: 60,
    signal,
  })) {
    if ("object" in event && (event.type === "ADDED" || event.type === "MODIFIED"))
      yield event.object as LiveObject;
  }
}
