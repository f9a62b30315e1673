/** An older release of Pulp, from which the suites upgrade; like the newer one but for its packages. Pure. */
import { pulp } from "./pulp.ts";
import type { Recipe } from "./recipe.ts";

export const pulpOlder: Recipe = {
  ...pulp,
  name: "pulp-older",
  version: "3.105.25",
  aliases: ["pulp-minimal"],
  environments: [{ path: "/opt/pulp", lock: "pulp-older.txt" }],
};
