import { pulpLine } from "../leaves/pulp-line.ts";
import { zuulLine } from "../leaves/zuul-line.ts";
import { tested } from "./tested.ts";

export const suite = tested({
  name: "leaves",
  meaning: "every field: changed, wrong, and back; each Secret rotated",
  argv: ["--project", "proof", "leaves"],
  figure: `${zuulLine.leaves.length} fields of Zuul, ${pulpLine.leaves.length} of Pulp`,
});
