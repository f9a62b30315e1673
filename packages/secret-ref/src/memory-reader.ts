/**
 * A reader over values in memory: for tests, and for rendering without a cluster.
 * The door `@zuul-pulp/secret-ref/memory`.
 */
import type { KeyValues, NewSecret } from "@zuul-pulp/k8s-core/model";
import type { ResolveReader } from "./reader.ts";

type Texts = Readonly<Record<string, Readonly<Record<string, string | Uint8Array>>>>;

export interface MemoryReaderProps {
  readonly secrets?: Texts;
  readonly configMaps?: Texts;
  /** Default 0. */
  readonly nowMs?: number;
  /** As in `ResolveReader`. */
  readonly standIn?: string;
}

export interface MemoryReader extends ResolveReader {
  /** Everything that was asked or written, in order: `readSecret gerrit`, `createSecret zuul-keystore`. */
  readonly calls: readonly string[];
  readonly secrets: ReadonlyMap<string, KeyValues>;
  /** The same cluster at another time. */
  at(nowMs: number): MemoryReader;
}

/** Secrets and ConfigMaps by name, then by key. `createSecret` is create-only, like the API server. */
export function memoryReader({
  secrets = {},
  configMaps = {},
  nowMs = 0,
  standIn,
}: MemoryReaderProps): MemoryReader {
  return over(objectsOf(secrets), objectsOf(configMaps), nowMs, standIn);
}

function over(
  secrets: Map<string, KeyValues>,
  configMaps: ReadonlyMap<string, KeyValues>,
  nowMs: number,
  standIn: string | undefined,
): MemoryReader {
  const calls: string[] = [];
  const store = ({ name, labels, entries }: NewSecret): KeyValues => {
    const stored = { name, labels, entries };
    secrets.set(name, stored);
    return stored;
  };
  return {
    ...(standIn === undefined ? {} : { standIn }),
    calls,
    secrets,
    at: (laterMs) => over(secrets, configMaps, laterMs, standIn),
    now: () => nowMs,
    readSecret: async (name) => {
      calls.push(`readSecret ${name}`);
      return secrets.get(name);
    },
    readConfigMap: async (name) => {
      calls.push(`readConfigMap ${name}`);
      return configMaps.get(name);
    },
    createSecret: async (secret) => {
      calls.push(`createSecret ${secret.name}`);
      return secrets.get(secret.name) ?? store(secret);
    },
    replaceSecret: async (secret) => {
      calls.push(`replaceSecret ${secret.name}`);
      return store(secret);
    },
  };
}

function objectsOf(texts: Texts): Map<string, KeyValues> {
  return new Map(
    Object.entries(texts).map(([name, entries]) => [
      name,
      {
        name,
        labels: {},
        entries: new Map(
          Object.entries(entries).map(([key, value]) => [
            key,
            typeof value === "string" ? new TextEncoder().encode(value) : value,
          ]),
        ),
      },
    ]),
  );
}
