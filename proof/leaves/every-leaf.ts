/** What is asked of every field: the four questions of the file's four functions. Pure. */
import { Blocked, type Manifest } from "@zuul-pulp/k8s-core/model";
import {
  isSpec,
  type Json,
  type Leaf,
  merged,
  pathOf,
  type Spec,
  stepsOf,
  valueAt,
  withValue,
} from "./leaf.ts";
import { type Line, manifestsOf, turning, type World } from "./line.ts";
import { schemaOf, wrongValues } from "./wrong-values.ts";

export interface Change {
  readonly before: Spec;
  readonly after: Spec;
  /** The field in the resource, as messages have it. */
  readonly at: string;
}

export function changeOf(line: Line, path: string, leaf: Leaf): Change {
  const before = merged(line.base, leaf.given ?? {});
  const steps = stepsOf(leaf.at ?? path, before);
  return { before, after: specWith(merged(before, leaf.also ?? {}), steps, leaf.to), at: pathOf(steps) };
}

function specWith(spec: Spec, steps: readonly (string | number)[], value: Json): Spec {
  const changed = withValue(spec, steps, value);
  return isSpec(changed) ? changed : {};
}

/** The resource with each reference at or under the field, one at a time, naming the Secret that is rotated. */
export function turningAt(line: Line, path: string, leaf: Leaf): readonly Spec[] {
  const { after } = changeOf(line, path, leaf);
  const steps = stepsOf(leaf.at ?? path, after);
  return referencesAt(valueAt(after, steps), steps).map((reference) => specWith(after, reference, turning));
}

function referencesAt(
  value: Json | undefined,
  steps: readonly (string | number)[],
): readonly (readonly (string | number)[])[] {
  const last = String(steps.at(-1));
  const isOfEnv = last === "name" && steps.at(-2) === "secretKeyRef";
  if (typeof value === "string") return last === "secretName" || isOfEnv ? [steps] : [];
  const members = Array.isArray(value) ? [...value.entries()] : isSpec(value) ? Object.entries(value) : [];
  return members.flatMap(([name, member]) => referencesAt(member, [...steps, name]));
}

/** Everything that is applied, in order, and what the user is told. */
export function bytesOf({ plan }: World): string {
  return [...manifestsOf(plan), plan.notices].map((manifest) => JSON.stringify(manifest)).join("\n");
}

export interface Rolled {
  /** Workloads with another pod template, and Jobs that were not there before, by name without the resource's. */
  readonly rolls: readonly string[];
  /** Jobs that changed under the same name: what is done or at work stays, any other is made anew. */
  readonly jobsStay: readonly string[];
}

export function rolledBetween({ name }: Line, before: World, after: World): Rolled {
  const [old, now] = [podsOf(name, before), podsOf(name, after)];
  const names = [...new Set([...old.keys(), ...now.keys()])].toSorted();
  const changed = names.filter((one) => old.get(one)?.template !== now.get(one)?.template);
  const isSame = (one: string): boolean =>
    old.get(one)?.job !== undefined && old.get(one)?.job === now.get(one)?.job;
  const again = names.filter((one) => old.get(one)?.job !== now.get(one)?.job);
  return {
    rolls: [...new Set([...changed.filter((one) => !isSame(one)), ...again])].toSorted(),
    jobsStay: changed.filter(isSame),
  };
}

interface Pods {
  readonly template: string;
  /** Full name, which carries a hash of what the Job does. */
  readonly job?: string;
}

function podsOf(resource: string, { plan }: World): ReadonlyMap<string, Pods> {
  const kinds = ["Deployment", "StatefulSet", "Job"];
  const workloads = manifestsOf(plan).filter(({ kind }) => kinds.includes(kind));
  return new Map(
    workloads.map(({ kind, metadata: { name }, ...rest }) => [
      name.replace(`${resource}-`, "").replace(/-[0-9a-f]{8,10}$/, ""),
      { template: templateOf(rest), ...(kind === "Job" ? { job: name } : {}) },
    ]),
  );
}

function templateOf(workload: Omit<Manifest, "apiVersion" | "kind" | "metadata">): string {
  const spec: unknown = workload["spec"];
  return JSON.stringify(
    typeof spec === "object" && spec !== null && "template" in spec ? spec.template : null,
  );
}

/** What was said no with, or "" for what was accepted. */
export async function refusalOf(ask: () => Promise<unknown> | void): Promise<string> {
  try {
    await ask();
    return "";
  } catch (error) {
    if (error instanceof Blocked) return error.message;
    throw error;
  }
}

export interface Wrong {
  readonly value: Json;
  readonly spec: Spec;
  /** The published schema refuses it, so the API server does. */
  readonly bySchema: boolean;
}

/** Every wrong value of a field: those that its schema names, and the entry's own. */
export function wrongsOf(line: Line, path: string, leaf: Leaf): readonly Wrong[] {
  const { after } = changeOf(line, path, leaf);
  const steps = stepsOf(leaf.at ?? path, after);
  const { ofType, inType } = wrongValues(schemaOf(line.schema, path));
  const wrong =
    (bySchema: boolean) =>
    (value: Json): Wrong => ({
      value,
      spec: specWith(after, steps, value),
      bySchema,
    });
  return [
    ...[...ofType, ...inType].map(wrong(true)),
    ...(leaf.wrong === undefined ? [] : [leaf.wrong].map(wrong(false))),
  ];
}

/** Whether somebody thought about values of the right type. */
export function hasVerdict(line: Line, path: string, leaf: Leaf): boolean {
  const schema = schemaOf(line.schema, path);
  return (
    schema.type === "boolean" ||
    wrongValues(schema).inType.length > 0 ||
    leaf.wrong !== undefined ||
    leaf.nothingWrong !== undefined
  );
}
