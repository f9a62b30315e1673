/**
 * Recipe of an operator image: Node and one bundle, on a base of the administrator's choice. On `scratch` (the default)
 * there are the shared libraries that Node loads and nothing else: no shell, no packages. I/O: bundles.
 */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { cacheFolder, execute } from "./buildah.ts";
import type { Recipe } from "./recipe.ts";

const repository = join(import.meta.dirname, "..", "..");

/**
 * Bundles `apps/<app>` (kubernetes packaging: ESM, split, nothing external) and gives the image around it.
 * @param on `scratch`, `base` (the Debian that the test images stand on) or an image to pull, which must bring glibc
 *   and libstdc++, as distroless/cc, Debian and UBI do
 */
export async function operatorRecipe(
  app: "zuul-operator" | "pulp-operator",
  on = "scratch",
): Promise<Recipe> {
  sweep();
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
    // Source text stays in memory for as long as the process lives. Names stay too, as stack traces have them.
    minifyWhitespace: true,
    minifySyntax: true,
    banner: {
      js: 'import { createRequire as bundleRequire } from "node:module"; const require = bundleRequire(import.meta.url);',
    },
    logLevel: "silent",
  });
  const node = join(repository, "node_modules", "node", "bin", "node");
  const from = on === "scratch" || on === "base" ? on : { pulled: on };
  const libraries =
    from === "scratch"
      ? (await execute("ldd", [node])).split("\n").flatMap((line) => /(\/\S+) \(0x/.exec(line)?.[1] ?? [])
      : [];
  const outputs = readdirSync(bundle).sort();
  return {
    name: app,
    version: "dev",
    from,
    copies: [
      [node, "/usr/local/bin/node"],
      ...libraries.map((library) => [library, library] as const),
      ...outputs.map((file) => [join(bundle, file), `/app/${file}`] as const),
    ],
    ...(from === "scratch"
      ? {
          files: [{ path: "/etc/passwd", mode: 0o644, content: "operator:x:65532:65532::/:/sbin/nologin\n" }],
        }
      : {}),
    env: {
      PATH: "/usr/local/bin",
      NODE_OPTIONS: "--disable-proto=delete --max-semi-space-size=2 --max-old-space-size=160",
      // One heap of glibc's for all threads: the others would each keep what they once needed.
      MALLOC_ARENA_MAX: "1",
    },
    user: "65532:65532",
    // Not a flag that NODE_OPTIONS may hold. It costs a quarter of the speed of a first pass, and saves a tenth of memory.
    entrypoint: ["/usr/local/bin/node", "--optimize-for-size", "/app/main.mjs"],
    minutes: 1,
  };
}

/** Removes the bundles of processes that were killed, and could not take theirs along. */
function sweep(): void {
  for (const name of readdirSync(cacheFolder("bundle"))) {
    const pid = Number(name.split("-").at(-1));
    if (!isRunning(pid)) rmSync(cacheFolder("bundle", name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
