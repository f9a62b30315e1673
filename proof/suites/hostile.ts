import { all } from "../hostile/pairs.ts";
import { tested } from "./tested.ts";

const pairs = all.reduce((sum, { values }) => sum + values.length, 0);

export const suite = tested({
  name: "hostile",
  meaning: "every hostile string into every sink: value in is value out, or it is refused by name",
  argv: ["--project", "proof", "hostile"],
  figure: `${pairs} pairs of a string and one of ${all.length} sinks`,
});
