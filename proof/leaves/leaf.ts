/**
 * What is said about one field of a spec: a change of it, what must be refused, and whose pods roll. One entry a field;
 * shapes that stand in several places (`pod`, `storage`, `expose`) are said once and placed by `under`. Pure.
 */

export type Json = null | boolean | number | string | readonly Json[] | Spec;
export interface Spec {
  readonly [member: string]: Json;
}

export interface Leaf {
  /** A value that the field may have, other than the one in the resource that we begin with. */
  readonly to: Json;
  /** Workloads whose pods are replaced, and Jobs that run again, by name without the resource's: all of them. */
  readonly rolls: readonly string[];
  /** Of a field that names a Secret: whose pods are replaced when only its values change. Default: `rolls`. */
  readonly rotates?: readonly string[];
  /** Merged into the resource before the change; null removes a member. */
  readonly given?: Spec;
  /** Merged into the resource with the change: what belongs together. */
  readonly also?: Spec;
  /** A value of the right type that the operator refuses, beside those that the schema refuses. */
  readonly wrong?: Json;
  /** Words of that refusal when it does not name the field by its path. */
  readonly refusal?: string;
  /** Why no value of the right type is wrong. Not needed for a boolean, which has none. */
  readonly nothingWrong?: string;
  /** Where in the resource, when a list or map of it has several entries: `env[1].valueFrom.secretKeyRef.name`. */
  readonly at?: string;
  /** Reason of the refusal that meets the way back: what only grows. */
  readonly oneWay?: string;
  /** Why a change of the field changes no manifest. */
  readonly noEffect?: string;
  /** Reason of the refusal that meets the change once the resource runs: what it names never changes. */
  readonly fixed?: string;
  /** Jobs whose manifest changes under the same name: what is done or at work stays, any other is made anew. */
  readonly jobsStay?: readonly string[];
}

/** By path as the schema has it: `executor.count`, list entries as `[]`, map entries as `*`. */
export type Leaves = Readonly<Record<string, Leaf>>;

/** The leaves of a shape at one place of a spec. */
export function under(place: string, leaves: Leaves): Leaves {
  return Object.fromEntries(
    Object.entries(leaves).map(([path, leaf]) => [
      `${place}.${path}`,
      leaf.at === undefined ? leaf : { ...leaf, at: `${place}.${leaf.at}` },
    ]),
  );
}

/** A spec of one member at a path: `specAt("web.expose", {})` is `{web: {expose: {}}}`. */
export function specAt(path: string, value: Json): Spec {
  const [name = "", ...rest] = path.split(".");
  return { [name]: rest.length === 0 ? value : specAt(rest.join("."), value) };
}

/** Members of `patch` replace those of `spec`; objects are merged, null removes. */
export function merged(spec: Spec, patch: Spec): Spec {
  const names = [...new Set([...Object.keys(spec), ...Object.keys(patch)])];
  return Object.fromEntries(
    names.flatMap((name): readonly (readonly [string, Json])[] => {
      const [before, after] = [spec[name], patch[name]];
      if (after === undefined) return before === undefined ? [] : [[name, before]];
      if (after === null) return [];
      if (!isSpec(after)) return [[name, after]];
      return [[name, merged(isSpec(before) ? before : {}, after)]];
    }),
  );
}

export function isSpec(value: Json | undefined): value is Spec {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Members of the path in a resource: list entries as numbers. Of a list or map the first entry is meant. */
export function stepsOf(path: string, spec: Spec): readonly (string | number)[] {
  const steps: (string | number)[] = [];
  let here: Json | undefined = spec;
  for (const part of path.replaceAll("[]", "[0]").split(/[.[]/)) {
    const isEntry = part.endsWith("]");
    const name: string =
      part === "*" && isSpec(here) ? (Object.keys(here)[0] ?? part) : part.replace("]", "");
    steps.push(isEntry ? Number(name) : name);
    here = memberOf(here, isEntry ? Number(name) : name);
  }
  return steps;
}

function memberOf(value: Json | undefined, step: string | number): Json | undefined {
  if (Array.isArray(value)) return value[Number(step)];
  return isSpec(value) ? value[String(step)] : undefined;
}

/** What stands there; `undefined` when nothing does. */
export function valueAt(spec: Json, steps: readonly (string | number)[]): Json | undefined {
  return steps.reduce<Json | undefined>(memberOf, spec);
}

/** The spec with one value set; what is missing on the way is made. */
export function withValue(spec: Json | undefined, steps: readonly (string | number)[], value: Json): Json {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (typeof step === "number") {
    const list = Array.isArray(spec) ? spec : [];
    const entry = withValue(list[step], rest, value);
    return step < list.length ? list.with(step, entry) : [...list, entry];
  }
  const members = isSpec(spec) ? spec : {};
  return { ...members, [step]: withValue(members[step], rest, value) };
}

/** `spec.jobVolumes[0].path`, as messages have it. */
export function pathOf(steps: readonly (string | number)[]): string {
  return steps.reduce<string>(
    (path, step) => path + (typeof step === "number" ? `[${step}]` : `.${step}`),
    "spec",
  );
}
