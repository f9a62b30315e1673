import { describe, expect, test } from "vitest";
import { contentProbePath, defaultRoots, livezPath, routesOf } from "./routes.ts";

const backendOf = (path: string, routes = routesOf(defaultRoots)): string | undefined =>
  routes.filter(({ prefix }) => path.startsWith(prefix)).sort((a, b) => b.prefix.length - a.prefix.length)[0]
    ?.backend;

describe("routesOf()", () => {
  test.each([
    ["/pulp/content/foo/a.iso", "content"],
    ["/pulp/container/foo/blobs/sha256:1", "content"],
    ["/pulp/api/v3/status/", "api"],
    ["/pulp/mydomain/api/v3/status/", "api"],
    ["/v2/foo/manifests/latest", "api"],
    ["/token/", "api"],
    ["/pypi/foo/simple/", "api"],
    ["/", "api"],
  ])("sends %s to %s", (path, backend) => {
    expect(backendOf(path)).toBe(backend);
  });

  test("follows the roots that settings may move", () => {
    const moved = routesOf({ ...defaultRoots, content: "/files/", pypi: "/simple/" });
    expect(backendOf("/files/a", moved)).toBe("content");
    expect(moved.map(({ prefix }) => prefix)).toContain("/simple/");
    expect(moved.map(({ prefix }) => prefix)).not.toContain("/pulp/content/");
  });

  test("lets an extra route win over the table", () => {
    expect(backendOf("/index/x", routesOf(defaultRoots, [{ prefix: "/index/", backend: "content" }]))).toBe(
      "content",
    );
  });
});

describe("probe paths", () => {
  test("go one level deeper into content when domains are on", () => {
    expect(contentProbePath({ ...defaultRoots, domains: true })).toBe("/pulp/content/default/");
    expect(contentProbePath(defaultRoots)).toBe("/pulp/content/");
  });

  test("follow API_ROOT", () => {
    expect(livezPath({ ...defaultRoots, api: "/x/" })).toBe("/x/api/v3/livez/");
  });
});
