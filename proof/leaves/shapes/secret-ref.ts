/** A reference to somebody's Secret. */
import { type Leaf, type Leaves, under } from "../leaf.ts";

/** @param rolls whose pods start again when it names another Secret or key, both of which exist in the lines' worlds */
export function secretRefLeaves(place: string, rolls: readonly string[], more: Partial<Leaf> = {}): Leaves {
  return under(place, {
    secretName: { to: "other", rolls, wrong: "Other_Name", refusal: 'Secret "Other_Name"', ...more },
    key: { to: "second", rolls, wrong: "a/b", refusal: 'the key "a/b"', ...more },
  });
}

/** A key that would mean nothing, because the names of the keys are fixed. */
export function meaningless(place: string, more: Partial<Leaf> = {}): Leaf {
  return { to: null, rolls: [], wrong: "second", refusal: `spec.${place}.key`, noEffect: "refused", ...more };
}
