/** Which path goes to which component: the one table that nginx, the Ingress and the probes are made from. Pure. */

export type Backend = "api" | "content";

export interface Route {
  /** Begins and ends with `/`; the longest prefix wins. */
  readonly prefix: string;
  readonly backend: Backend;
}

/** Paths that the settings may move. Each begins and ends with `/`. */
export interface Roots {
  /** `API_ROOT`. */
  readonly api: string;
  /** `CONTENT_PATH_PREFIX`. */
  readonly content: string;
  /** `STATIC_URL`. */
  readonly static: string;
  /** `PYPI_PATH_PREFIX`. */
  readonly pypi: string;
  /** `DOMAIN_ENABLED`: content lies one level deeper, below the domain's name. */
  readonly domains: boolean;
}

/** Pulp's own defaults (pulpcore 3.123, `pulpcore/app/settings.py`; pulp-python 3.36). */
export const defaultRoots: Roots = {
  api: "/pulp/",
  content: "/pulp/content/",
  static: "/assets/",
  pypi: "/pypi/",
  domains: false,
};

/**
 * Routes of core and of all plugins, sorted by prefix. Everything that is not listed belongs to the api.
 *
 * Routes of a plugin that the image lacks are harmless: the api answers 404 there. So the table does not depend on
 * facts about the running image, and does not change under a user's feet.
 * @see pulpcore 3.123 and plugins, `app/webserver_snippets/nginx.conf`
 */
export function routesOf(roots: Roots, extra: readonly Route[] = []): readonly Route[] {
  const table: readonly Route[] = [
    { prefix: roots.content, backend: "content" },
    // Blobs are redirected here from /v2/; a fixed text in pulp-container, whatever CONTENT_PATH_PREFIX says.
    { prefix: "/pulp/container/", backend: "content" },
    // With domains the API lies at <root><domain>/api/, which no prefix can name: the whole root goes to the api.
    { prefix: roots.api, backend: "api" },
    { prefix: "/auth/", backend: "api" },
    { prefix: roots.static, backend: "api" },
    // Registry clients allow no prefix: these must lie at the root of the host.
    { prefix: "/v2/", backend: "api" },
    { prefix: "/extensions/v2/", backend: "api" },
    { prefix: "/token/", backend: "api" },
    { prefix: "/index/", backend: "api" },
    { prefix: roots.pypi, backend: "api" },
    { prefix: "/pulp_ansible/galaxy/", backend: "api" },
    ...extra,
    { prefix: "/", backend: "api" },
  ];
  const byPrefix = new Map(table.map((route) => [route.prefix, route]));
  return [...byPrefix.values()].sort((a, b) => (a.prefix < b.prefix ? -1 : 1));
}

/** Probes see the api through these, never through nginx. */
export function livezPath(roots: Roots): string {
  return `${roots.api}api/v3/livez/`;
}

export function statusPath(roots: Roots): string {
  return `${roots.api}api/v3/status/`;
}

/** Lists distributions; with domains the prefix alone is no page. */
export function contentProbePath(roots: Roots): string {
  return roots.domains ? `${roots.content}default/` : roots.content;
}
