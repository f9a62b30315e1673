/** The fields of a `storage`: claims grow by themselves, and the class of an existing one is the server's to refuse. */
import { type Leaf, type Leaves, under } from "../leaf.ts";

export function storageLeaves(
  place: string,
  more: Pick<Leaf, "given"> = {},
  size: Partial<Leaf> = {},
): Leaves {
  return under(place, {
    size: { to: "200Gi", rolls: [], ...more, ...size },
    storageClassName: { to: "fast", rolls: [], ...more },
  });
}
