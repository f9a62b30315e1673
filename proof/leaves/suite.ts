/** The tests of every field of one product. */
import { Blocked } from "@zuul-pulp/k8s-core/model";
import { describe, expect, test } from "vitest";
import {
  bytesOf,
  changeOf,
  hasVerdict,
  refusalOf,
  rolledBetween,
  turningAt,
  wrongsOf,
} from "./every-leaf.ts";
import type { Leaf, Leaves, Spec } from "./leaf.ts";
import type { Line, World } from "./line.ts";

export function everyLeafOf(line: Line, leaves: Leaves): void {
  const entries = Object.entries(leaves);

  test("every field has an entry, and every entry a field", () => {
    expect(entries.map(([path]) => path).toSorted()).toEqual(line.leaves.map(({ path }) => path).toSorted());
  });

  test("every entry says what is wrong, or why nothing is", () => {
    expect(entries.filter(([path, leaf]) => !hasVerdict(line, path, leaf)).map(([path]) => path)).toEqual([]);
  });

  const rotations = entries.flatMap(([path, leaf]) =>
    turningAt(line, path, leaf).map((spec) => [path, spec, leaf] as const),
  );
  test.each(rotations)("%s: its Secret rotated, exactly its users roll", async (_, spec, leaf) => {
    expect(await rotated(line, spec, leaf)).toEqual([]);
  });

  describe.each(entries)("%s", (path, leaf) => {
    test("changed, it is as if installed so; exactly the right pods roll; and back", async () => {
      expect(await changed(line, path, leaf)).toEqual([]);
    });

    test("wrong, it is refused by its name", async () => {
      expect(await refused(line, path, leaf)).toEqual([]);
    });
  });
}

/** What a change of the field does that it should not. */
async function changed(line: Line, path: string, leaf: Leaf): Promise<readonly string[]> {
  const { rolls, fixed, oneWay, noEffect, jobsStay = [] } = leaf;
  const { before, after } = changeOf(line, path, leaf);
  const fresh = await line.pass(after);
  const first = await installed(line, before);
  if (fixed !== undefined) return unlessRefused(fixed, () => line.pass(after, first));
  const second = await line.pass(after, first);
  const rolled = rolledBetween(line, first, second);
  const isSame =
    bytesOf(second) === bytesOf(first) && second.plan.deletionPolicy === first.plan.deletionPolicy;
  const problems = [
    ...unlessSame("rolls", rolled.rolls, rolls),
    ...unlessSame("leaves Jobs as they are:", rolled.jobsStay, jobsStay),
    ...(bytesOf(second) === bytesOf(fresh) ? [] : ["is not the same as a fresh install"]),
    ...(isSame === (noEffect !== undefined)
      ? []
      : [isSame ? "has no effect" : `has an effect, although ${noEffect}`]),
  ];
  if (oneWay !== undefined)
    return [...problems, ...(await unlessRefused(oneWay, () => line.pass(before, second)))];
  const back = await line.pass(before, second);
  return [
    ...problems,
    ...(bytesOf(back) === bytesOf(first) ? [] : ["is not as before when it is changed back"]),
  ];
}

/** What happens too much or too little when only the values of a Secret change. */
async function rotated(line: Line, spec: Spec, { rolls, rotates = rolls }: Leaf): Promise<readonly string[]> {
  const first = await line.pass(spec, undefined, "one");
  const second = await line.pass(spec, first, "other");
  const rolled = rolledBetween(line, first, second);
  const back = await line.pass(spec, second, "one");
  return [
    ...unlessSame("a rotation rolls", rolled.rolls, rotates),
    ...(bytesOf(back) === bytesOf(first) ? [] : ["is not as before when it is turned back"]),
  ];
}

function unlessSame(what: string, found: readonly string[], wanted: readonly string[]): readonly string[] {
  const [is, should] = [found, wanted].map((names) => names.toSorted().join(", "));
  return is === should ? [] : [`${what} ${is || "nothing"} instead of ${should || "nothing"}`];
}

async function unlessRefused(reason: string, ask: () => Promise<unknown>): Promise<readonly string[]> {
  try {
    await ask();
    return [`is not refused with ${reason}`];
  } catch (error) {
    return error instanceof Blocked && error.reason === reason ? [] : [`is refused with ${String(error)}`];
  }
}

const known = new Map<string, Promise<World>>();

/** Most changes begin with the same resource. */
function installed(line: Line, spec: Spec): Promise<World> {
  const key = JSON.stringify([line.kind, spec]);
  const world = known.get(key) ?? line.pass(spec);
  known.set(key, world);
  return world;
}

/** Wrong values that are accepted, or refused without the field's name. */
async function refused(line: Line, path: string, leaf: Leaf): Promise<readonly string[]> {
  const { at } = changeOf(line, path, leaf);
  const problems: string[] = [];
  for (const { value, spec, bySchema } of wrongsOf(line, path, leaf)) {
    const bySchemaOnly = await refusalOf(() => line.check(spec));
    const refusal = bySchemaOnly === "" ? await refusalOf(() => line.pass(spec)) : bySchemaOnly;
    const shown = JSON.stringify(value).slice(0, 60);
    const name = bySchema ? at : (leaf.refusal ?? at);
    if (!refusal.includes(name))
      problems.push(`${shown}: ${refusal === "" ? "is accepted" : `no ${name} in ${refusal}`}`);
    if (bySchema && bySchemaOnly === "")
      problems.push(`${shown}: the parser alone refuses it, the schema does not`);
  }
  return problems;
}
