/**
 * Launchers whose provider has left nodepool.yaml. Each stays until Nodepool holds nothing of the provider any more:
 * gone at once, it would leave nodes and images in the cloud for ever, as a launcher touches no other's. What it was
 * running with is in its own config Secret, so nothing has to be remembered elsewhere. Pure.
 */
import { isObjectReady, type LiveObject, shardOf } from "@zuul-pulp/k8s-core/model";
import type { Reference } from "@zuul-pulp/secret-ref";
import { imageIn, type Live } from "./live.ts";
import { configSecretOf } from "./names.ts";
import type { Zuul } from "./parse.ts";
import { files } from "./paths.ts";

/** On the Deployment of a launcher that is on its way out: the name of its provider. */
export const leavingAnnotation = "zuul-ci.org/leaving-provider";

export interface LiveLauncher {
  /** Id of its shard. */
  readonly id: string;
  readonly image?: string;
  /** It was told to drain, and says that nothing is left. */
  readonly isDrained: boolean;
}

export function liveLaunchers(live: Live): readonly LiveLauncher[] {
  return live.liveOf("Deployment").flatMap((deployment) => {
    const { labels = {} } = deployment.metadata;
    const id = shardOf(labels);
    if (labels["app.kubernetes.io/component"] !== "nodepool-launcher" || id === undefined) return [];
    const image = imageIn(deployment, "nodepool-launcher");
    return [{ id, isDrained: isDrained(deployment), ...(image === undefined ? {} : { image }) }];
  });
}

/** A launcher that drains is ready when it is done, see `drainedScript`. */
const isDrained = (deployment: LiveObject): boolean =>
  leavingProviderOf(deployment) !== undefined && isObjectReady(deployment).ready;

export const leavingProviderOf = ({ metadata }: LiveObject): string | undefined =>
  metadata.annotations?.[leavingAnnotation];

/** The file of each launcher that runs. */
export function launcherReferences(zuul: Zuul, launchers: readonly LiveLauncher[]): readonly Reference[] {
  return launchers.map(({ id }) => ({
    id: launcherReference(id),
    source: { secretName: configSecretOf(zuul, "nodepool-launcher", id) },
    key: files.nodepool,
    as: "file",
    optional: true,
  }));
}

export const launcherReference = (id: string): string => `launcher.shards.${id}`;

/**
 * Arguments: base URL of the launcher's status pages, name of the provider, the pages to look at. Ends with 0 when none
 * has an entry of the provider; a node that stands behind one of its own (metastatic) counts as well.
 * @see nodepool/webapp.py and status.py of Nodepool 11.0.0
 */
export const drainedScript = `\
"""Ends with 0 when Nodepool holds nothing of a provider any more."""
import json
import sys
import urllib.request

WEB, PROVIDER, *PAGES = sys.argv[1:]


def rows(page):
    request = urllib.request.Request(WEB + page, headers={"Accept": "application/json"})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.load(answer)


def owner(row):
    try:
        return json.loads(row.get("user_data") or "{}").get("owner")
    except (AttributeError, ValueError):
        return None


def is_left(row):
    return row.get("provider") == PROVIDER or owner(row) == "NodePool:metastatic:" + PROVIDER


left = {page: sum(map(is_left, rows(page))) for page in PAGES}
if any(left.values()):
    sys.exit("left of provider " + PROVIDER + ": " + ", ".join(f"{page} {n}" for page, n in left.items()))
`;
