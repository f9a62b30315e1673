import { existsSync, readdirSync } from "node:fs";
import { defineConfig } from "vitest/config";

/**
 * One project per package, listed from the folders. `ssr.resolve.conditions` makes every project run from source;
 * without it vitest would silently test a stale `dist`.
 */
const rooms = ["packages", "apps", "examples"].flatMap((parent) =>
  existsSync(parent)
    ? readdirSync(parent).map((name) => ({ name, root: `${parent}/${name}`, include: ["src/**/*.test.ts"] }))
    : [],
);

export default defineConfig({
  ssr: { resolve: { conditions: ["@zuul-pulp/source"] } },
  test: {
    projects: [
      ...rooms,
      { name: "tools", root: "tools", include: ["**/*.test.ts"] },
      { name: "cluster", root: "e2e/cluster", include: ["**/*.test.ts"] },
      { name: "images", root: "e2e/images", include: ["**/*.test.ts"] },
      { name: "demo", root: "e2e/demo", include: ["**/*.test.ts"] },
      { name: "bench", root: "bench", include: ["**/*.test.ts"] },
      { name: "proof", root: "proof", include: ["**/*.test.ts"] },
      { name: "lab", root: "e2e/lab", include: ["**/*.test.ts"] },
      { name: "api", root: "e2e/api", include: ["**/*.test.ts"] },
      { name: "workloads", root: "e2e/workloads", include: ["**/*.test.ts"] },
    ]
      .filter(({ root }) => existsSync(root))
      .map(({ name, root, include }) => ({
        extends: true as const,
        test: {
          name,
          root,
          include,
          // Generous: a test that hangs ends, and a busy machine fails none.
          testTimeout: name === "workloads" ? 900_000 : 240_000,
          hookTimeout: 900_000,
        },
      })),
  },
});
