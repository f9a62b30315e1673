/** The tests of every field of one product. */
import { describe, expect, test } from "vitest";
import { bytesOf, changeOf, hasVerdict, refusalOf, rolledBetween, wrongsOf } from "./every-leaf.ts";
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

  describe.each(entries)("%s", (path, leaf) => {
    test("changed, it is as if installed so; exactly the right pods roll; and back", () =>
      changed(line, path, leaf));

    test("wrong, it is refused by its name", () => refused(line, path, leaf));
  });
}

async function changed(line: Line, path: string, leaf: Leaf): Promise<void> {
  const { rolls, fixed, oneWay, noEffect, jobsStay = [] } = leaf;
  const { before, after } = changeOf(line, path, leaf);
  const fresh = await line.pass(after);
  const first = await installed(line, before);
  if (fixed !== undefined) {
    await expect(line.pass(after, first)).rejects.toMatchObject({ reason: fixed });
    return;
  }
  const second = await line.pass(after, first);
  expect(rolledBetween(line, first, second)).toEqual({
    rolls: [...rolls].toSorted(),
    jobsStay: [...jobsStay].toSorted(),
  });
  expect(bytesOf(second) === bytesOf(fresh), "the same as a fresh install").toBe(true);
  const isSame =
    bytesOf(second) === bytesOf(first) && second.plan.deletionPolicy === first.plan.deletionPolicy;
  expect(isSame, "has no effect").toBe(noEffect !== undefined);
  if (oneWay !== undefined) {
    await expect(line.pass(before, second)).rejects.toMatchObject({ reason: oneWay });
    return;
  }
  const back = await line.pass(before, second);
  expect(bytesOf(back) === bytesOf(first), "back again is as before").toBe(true);
}

const known = new Map<string, Promise<World>>();

/** Most changes begin with the same resource. */
function installed(line: Line, spec: Spec): Promise<World> {
  const key = JSON.stringify([line.kind, spec]);
  const world = known.get(key) ?? line.pass(spec);
  known.set(key, world);
  return world;
}

async function refused(line: Line, path: string, leaf: Leaf): Promise<void> {
  const { at } = changeOf(line, path, leaf);
  for (const { value, spec, bySchema } of wrongsOf(line, path, leaf)) {
    const bySchemaOnly = await refusalOf(() => line.check(spec));
    const refusal = bySchemaOnly === "" ? await refusalOf(() => line.pass(spec)) : bySchemaOnly;
    const shown = JSON.stringify(value).slice(0, 60);
    expect({ shown, refusal }).toEqual({
      shown,
      refusal: expect.stringContaining(bySchema ? at : (leaf.refusal ?? at)),
    });
    if (bySchema) expect({ shown, refusal: bySchemaOnly }).not.toEqual({ shown, refusal: "" });
  }
}
