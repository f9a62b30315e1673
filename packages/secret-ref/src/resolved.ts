/** What `resolveAll` found: values by the id of their reference, still sealed. Pure. */
import type { Notice } from "@zuul-pulp/k8s-core/model";
import { open, type Sealed } from "./sealed.ts";

/**
 * Asking for an id that is not there is a bug of the caller and throws; ask `has` first where it is
 * optional.
 */
export interface ResolvedRefs {
  has(id: string): boolean;
  /** One value: of a `text` reference, or of a generated Secret with one key. */
  text(id: string): Sealed;
  /** One value, bytes as they are (`sshKey`: with its final newline). */
  file(id: string): Sealed;
  /** Text of a ConfigMap. A Secret is refused here: its text stays sealed. */
  plain(id: string): string;
  /** Every key of an `all` or `texts` reference. */
  all(id: string): ReadonlyMap<string, Sealed>;
  /**
   * The keys of a generated Secret, under the names that we give them, also when the user's own was adopted.
   */
  generated(id: string): ReadonlyMap<string, Sealed>;
  /** Name of the Secret or ConfigMap, for a volume. */
  secretNameOf(id: string): string;
  /** The key that was found; for a generated Secret with several, say which of them. */
  keyOf(id: string, generatorKey?: string): string;
  /** In the order of the references. */
  readonly notices: readonly Notice[];
}

export interface Found {
  readonly objectName: string;
  readonly fromConfigMap: boolean;
  /** By the key under which the product asks. */
  readonly values: ReadonlyMap<string, Sealed>;
  /** From that key to the one in the object. */
  readonly keys: ReadonlyMap<string, string>;
}

export function resolvedRefs(found: ReadonlyMap<string, Found>, notices: readonly Notice[]): ResolvedRefs {
  const get = (id: string): Found => {
    const entry = found.get(id);
    if (entry === undefined) throw new Error(`No reference "${id}" was resolved`);
    return entry;
  };
  const only = (id: string): Sealed => {
    const { values } = get(id);
    const [value, ...more] = values.values();
    if (value === undefined || more.length > 0)
      throw new Error(`Reference "${id}" has ${values.size} values, exactly one was asked for`);
    return value;
  };
  return {
    has: (id) => found.has(id),
    text: only,
    file: only,
    plain: (id) => {
      if (!get(id).fromConfigMap) throw new Error(`Reference "${id}" comes from a Secret and stays sealed`);
      return open(only(id));
    },
    all: (id) => get(id).values,
    generated: (id) => get(id).values,
    secretNameOf: (id) => get(id).objectName,
    keyOf: (id, generatorKey) => {
      const { keys } = get(id);
      const wanted = generatorKey ?? [...keys.keys()][0];
      const key = wanted === undefined ? undefined : keys.get(wanted);
      if (key === undefined) throw new Error(`Reference "${id}" has no key "${generatorKey ?? ""}"`);
      return key;
    },
    notices,
  };
}
