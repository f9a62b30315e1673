/** Recipe of an operator image: Node, the shared libraries it loads, one bundle. No shell, no packages. I/O: bundles. */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { cacheFolder, execute } from "./buildah.ts";
import type { Recipe } from "./recipe.ts";

const repository = join(import.meta.dirname, "..", "..");

/** Bundles `apps/<app>` (kubernetes packaging: ESM, split, nothing external) and gives the image around it. */
export async function operatorRecipe(app: "zuul-operator" | "pulp-operator"): Promise<Recipe> {
  const bundle = cacheFolder("bundle", `${app}-${process.pid}`);
  process.once("exit", () => rmSync(bundle, { recursive: true, force: true }));
  await build({
    entryPoints: [join(repository, "apps", app, "src", "main.ts")],
    outdir: bundle,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    conditions: ["@zuul-pulp/source", "module"],
    outExtension: { ".js": ".mjs" },
    banner: {
      js: 'import { createRequire as bundleRequire } from "node:module"; const require = bundleRequire(import.meta.url);',
    },
    logLevel: "silent",
  });
  const node = join(repository, "node_modules", "node", "bin", "node");
  const libraries = (await execute("ldd", [node]))
    .split("\n")
    .flatMap((line) => /(\/\S+) \(0x/.exec(line)?.[1] ?? []);
  const outputs = readdirSync(bundle).sort();
  return {
    name: app,
    version: "dev",
    from: "scratch",
    copies: [
      [node, "/usr/local/bin/node"],
      ...libraries.map((library) => [library, library] as const),
      ...outputs.map((file) => [join(bundle, file), `/app/${file}`] as const),
    ],
    files: [{ path: "/etc/passwd", mode: 0o644, content: "operator:x:65532:65532::/:/sbin/nologin\n" }],
    env: {
      PATH: "/usr/local/bin",
      NODE_OPTIONS: "--disable-proto=delete --max-semi-space-size=2 --max-old-space-size=160",
    },
    user: "65532:65532",
    entrypoint: ["/usr/local/bin/node", "/app/main.mjs"],
    minutes: 1,
  };
}
