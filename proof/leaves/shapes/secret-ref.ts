/** A reference to somebody's Secret. */
import { type Leaf, type Leaves, under } from "../leaf.ts";

/** @param rolls whose pods start again when it names another Secret or key, both of which exist in the lines' worlds */
export function secretRefLeaves(place: string, rolls: readonly string[], more: Partial<Leaf> = {}): Leaves {
  return under(place, {
    secretName: { to: "other", rolls, wrong: "Other_Name", refusal: 'Secret "Other_Name"', ...more },
    key: { to: "second", rolls, wrong: "a/b", refusal: 'the key "a/b"', ...more },
  });
}
