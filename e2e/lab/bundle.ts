/** The bundle of an operator and how its image starts it: measured is what is shipped. I/O: runs the bundler. */
import { operatorRecipe } from "../images/operator.ts";

export interface Bundle {
  readonly node: string;
  readonly main: string;
  /** Options in the image's command, before the file. */
  readonly flags: readonly string[];
  /** Environment of the image that changes how Node runs. */
  readonly nodeOptions: string;
  /** The whole environment of the image. */
  readonly env: Readonly<Record<string, string>>;
}

export async function bundleOf(app: "zuul-operator" | "pulp-operator"): Promise<Bundle> {
  const { copies = [], env = {}, entrypoint = [] } = await operatorRecipe(app);
  const source = (target: string): string => {
    const found = copies.find(([, to]) => to === target)?.[0];
    if (found === undefined) throw new Error(`The image of ${app} has no ${target}`);
    return found;
  };
  return {
    node: source("/usr/local/bin/node"),
    main: source("/app/main.mjs"),
    flags: entrypoint.slice(1, -1),
    nodeOptions: env["NODE_OPTIONS"] ?? "",
    env,
  };
}
