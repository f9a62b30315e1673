/** Recipe of an S3 server for the suites: VersityGW, which keeps objects as files. Nothing but the program. I/O: builds it. */
import { buildTools } from "../cluster/binaries.ts";
import type { Recipe } from "./recipe.ts";

export async function s3Recipe(say: (line: string) => void): Promise<Recipe> {
  const { versitygw } = await buildTools(["versitygw"], say);
  return {
    name: "s3",
    version: "1.8.0",
    from: "scratch",
    copies: [[versitygw, "/usr/local/bin/versitygw"]],
    env: { PATH: "/usr/local/bin" },
    user: "65532:65532",
    entrypoint: ["/usr/local/bin/versitygw"],
    minutes: 1,
  };
}
