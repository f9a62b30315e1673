/** Looks at what a cluster holds, and waits until it is as wanted. I/O: reads and watches through the client it is given. */
import type { Client, KindSpec } from "@zuul-pulp/k8s-core";
import type { LiveObject } from "@zuul-pulp/k8s-core/model";

/** The value under these members; `undefined` when there is none. */
export function field(value: unknown, ...path: readonly (string | number)[]): unknown {
  let at = value;
  for (const step of path) at = typeof at === "object" && at !== null ? Reflect.get(at, step) : undefined;
  return at;
}

/** The text under these members; empty when there is none. */
export function word(value: unknown, ...path: readonly string[]): string {
  const found = field(value, ...path);
  return typeof found === "string" ? found : "";
}

export function conditionOf(live: LiveObject | undefined, type: string, member = "status"): unknown {
  const conditions = field(live, "status", "conditions");
  return Array.isArray(conditions)
    ? field(
        conditions.find((one) => field(one, "type") === type),
        member,
      )
    : undefined;
}

export function isReady(live: LiveObject): boolean {
  return (
    conditionOf(live, "Ready") === "True" &&
    field(live, "status", "observedGeneration") === live.metadata.generation
  );
}

/** Watches one object until it is as wanted. @throws Error with the last look at it */
export async function until(
  client: Client,
  kind: KindSpec,
  namespace: string | undefined,
  name: string,
  isWanted: (live: LiveObject) => boolean,
  withinMs = 90_000,
): Promise<LiveObject> {
  const signal = AbortSignal.timeout(withinMs);
  let last: LiveObject | undefined;
  try {
    for (;;)
      for await (const event of client.watch(kind, namespace, { name, timeoutSeconds: 60, signal }))
        if ("object" in event && event.type !== "DELETED") {
          last = event.object;
          if (isWanted(last)) return last;
        }
  } catch (cause) {
    throw new Error(`${kind.kind} ${name} is not as wanted: ${JSON.stringify(last?.["status"] ?? last)}`, {
      cause,
    });
  }
}

/** Watches until the object is gone, or has another uid. @throws Error when it stays */
export async function gone(
  client: Client,
  kind: KindSpec,
  namespace: string,
  name: string,
  uid: string,
  withinMs = 90_000,
): Promise<void> {
  const signal = AbortSignal.timeout(withinMs);
  try {
    for (;;) {
      const present = await client.get(kind, namespace, name, { signal });
      if (present?.metadata.uid !== uid) return;
      const { resourceVersion } = present.metadata;
      const watched = { name, timeoutSeconds: 60, signal, resourceVersion };
      for await (const event of client.watch(kind, namespace, watched)) if (event.type === "DELETED") return;
    }
  } catch (cause) {
    throw new Error(`${kind.kind} ${name} is still there`, { cause });
  }
}

/** For what cannot be watched, such as a log that is written elsewhere. */
export async function eventually(
  look: () => Promise<boolean>,
  withinMs = 90_000,
  everyMs = 50,
): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await look())) {
    if (performance.now() > end)
      throw new Error(`not so after ${withinMs} ms: ${look.toString().slice(0, 200)}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
