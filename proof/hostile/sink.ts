/**
 * A sink is a place where a value of the user's ends up in somebody else's syntax. Every value must come out as it went
 * in, or be refused with the name of its field, and without the value when that is secret.
 */
import { spawnSync } from "node:child_process";
import { Blocked } from "@zuul-pulp/k8s-core/model";

/** A value with its number in the list of all; the number is part of its field's name. */
export interface Given {
  readonly id: number;
  readonly value: string;
}

interface Place {
  readonly name: string;
  readonly isSecret: boolean;
  /** Programs that judge it; where one is missing the sink cannot be tried. */
  readonly programs?: readonly string[];
  /** Where the user wrote the value, as a refusal must name it. @param position among those that are given together */
  readonly fieldOf: (given: Given, position: number) => string;
  /** Why the syntax cannot hold a value, in a word; undefined when it can, and then a refusal is wrong. */
  readonly unfit: (value: string) => string | undefined;
  /** What comes out when all is well; default: what went in. */
  readonly expected?: (value: string) => string;
}

/** A resource holds many values. */
export interface Shared extends Place {
  /** All of them through the product and the judge at once, read back by number. @throws Blocked */
  readonly read: (given: readonly Given[]) => Promise<ReadonlyMap<number, string>>;
  /** Most values of one resource; default: all. */
  readonly atOnce?: number;
}

/** A resource holds one value; the program judges all resources at once. */
export interface Single extends Place {
  /** What the program is given. @throws Blocked */
  readonly render: (value: string) => Promise<unknown>;
  readonly judge: (
    rendered: readonly (readonly [id: number, rendered: unknown])[],
  ) => Promise<ReadonlyMap<number, string>>;
}

export type Sink = Shared | Single;

export interface Findings {
  readonly pairs: number;
  readonly same: number;
  readonly refused: number;
  /** One sentence for each that is wrong; never empty text. */
  readonly wrong: readonly string[];
}

export async function pour(sink: Sink, values: readonly string[]): Promise<Findings> {
  const all = values.map((value, id) => ({ id, value }));
  if ("render" in sink) return pourSingly(sink, all);
  const { atOnce = values.length } = sink;
  const chunks = Array.from({ length: Math.ceil(all.length / atOnce) }, (_, index) =>
    all.slice(index * atOnce, (index + 1) * atOnce),
  );
  const found: Findings[] = [];
  for (const chunk of chunks) found.push(await pourOnce(sink, chunk));
  return {
    pairs: sum(found, ({ pairs }) => pairs),
    same: sum(found, ({ same }) => same),
    refused: sum(found, ({ refused }) => refused),
    wrong: found.flatMap(({ wrong }) => wrong),
  };
}

const sum = (found: readonly Findings[], of: (one: Findings) => number): number =>
  found.reduce((total, one) => total + of(one), 0);

async function pourSingly(sink: Single, given: readonly Given[]): Promise<Findings> {
  const wrong: string[] = [];
  const rendered: (readonly [number, unknown])[] = [];
  for (const one of given) {
    const outcome = await attempt(() => sink.render(one.value));
    if ("read" in outcome) rendered.push([one.id, outcome.read]);
    else if (isNamed(outcome.refusal, sink.fieldOf(one, 0)))
      wrong.push(...misrefused(sink, one, outcome.refusal));
    else wrong.push(`${shown(one.value)}: names no field: ${outcome.refusal.slice(0, 200)}`);
  }
  const read = await sink.judge(rendered);
  const accepted = rendered.flatMap(([id]) => given.find((one) => one.id === id) ?? []);
  wrong.push(...accepted.flatMap((one) => misread(sink, one, read.get(one.id))));
  return { pairs: given.length, same: accepted.length, refused: given.length - accepted.length, wrong };
}

async function pourOnce(sink: Shared, given: readonly Given[]): Promise<Findings> {
  const wrong: string[] = [];
  let left = given;
  let refused = 0;
  for (;;) {
    const outcome = await attempt(() => sink.read(left));
    if ("read" in outcome) {
      wrong.push(...left.flatMap((one) => misread(sink, one, outcome.read.get(one.id))));
      return { pairs: given.length, same: left.length, refused, wrong };
    }
    const named = left.filter((one, position) => isNamed(outcome.refusal, sink.fieldOf(one, position)));
    wrong.push(...named.flatMap((one) => misrefused(sink, one, outcome.refusal)));
    refused += named.length;
    left = left.filter((one) => !named.includes(one));
    // A refusal that names none of the fields leaves the user with nothing to mend.
    if (named.length === 0)
      return {
        pairs: given.length,
        same: 0,
        refused,
        wrong: [...wrong, `names no field: ${outcome.refusal}`],
      };
  }
}

async function attempt<T>(ask: () => Promise<T>): Promise<{ read: T } | { refusal: string }> {
  try {
    return { read: await ask() };
  } catch (error) {
    if (error instanceof Blocked) return { refusal: error.message };
    throw error;
  }
}

/** `spec.a.b1` is not named by `spec.a.b12`. */
function isNamed(refusal: string, field: string): boolean {
  const at = refusal.indexOf(field);
  if (at < 0) return false;
  const next = refusal[at + field.length] ?? " ";
  return !/[A-Za-z0-9_]/.test(next) || isNamed(refusal.slice(at + field.length), field);
}

function misread(
  { unfit, expected = (value) => value }: Place,
  { value }: Given,
  read: string | undefined,
): readonly string[] {
  if (unfit(value) !== undefined) return [`${shown(value)} was accepted: ${unfit(value)}`];
  return read === expected(value)
    ? []
    : [`${shown(value)} came out as ${read === undefined ? "nothing" : shown(read)}`];
}

function misrefused({ unfit, isSecret }: Place, { value }: Given, refusal: string): readonly string[] {
  if (unfit(value) === undefined) return [`${shown(value)} was refused: ${refusal.slice(0, 200)}`];
  // Shorter ones occur in any sentence.
  return isSecret && value.trim().length > 5 && refusal.includes(value.trim())
    ? [`the refusal tells ${shown(value)}`]
    : [];
}

const shown = (value: string): string => JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);

/** Whether this machine has everything that judges the sink. */
export const isJudgeable = ({ programs = [] }: Sink): boolean =>
  programs.every((program) => spawnSync("sh", ["-c", 'command -v "$0"', program]).status === 0);

/** A program of somebody else's on one input, both as JSON. */
export function judged(
  program: string,
  args: readonly string[],
  input: unknown,
): ReadonlyMap<number, string> {
  const { stdout, stderr, status, error } = spawnSync(program, [...args], {
    input: JSON.stringify(input),
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    // As bare as in a container: whatever reads a file must not depend on a locale.
    env: { PATH: process.env["PATH"], LC_ALL: "C" },
  });
  if (status !== 0) throw new Error(`${program} failed: ${stderr.slice(-2000)}`, { cause: error });
  const found: readonly (readonly [number, string])[] = JSON.parse(stdout);
  return new Map(found);
}
