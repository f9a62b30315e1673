/** `install` and `uninstall`: server-side apply of what the operator needs, with progress until it runs. */
import { type KindSpec, kinds } from "../kinds.ts";
import type { Grants } from "../model/grant.ts";
import type { LiveObject, Manifest } from "../model/manifest.ts";
import { isObjectReady } from "../model/readiness.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";
import { installManifests, type InstallPlan } from "./install-manifests.ts";
import type { OperatorDefinition } from "./operator.ts";
import { type ConnectionFlags, openSession, type Session } from "./session.ts";
import { until } from "./until.ts";
import { watchFlag } from "./watch-flag.ts";
import { toYaml } from "./yaml-out.ts";

export interface InstallOptions extends ConnectionFlags {
  readonly watch: string;
  readonly image?: string;
  readonly replicas?: number;
  readonly print?: boolean;
  /** Milliseconds. */
  readonly timeout: number;
}

/** Field manager of `install`; the operator's own is another. */
const fieldManager = "install";

export function planInstall(
  operator: OperatorDefinition,
  namespace: string,
  options: InstallOptions,
  grants: Grants,
): InstallPlan {
  return installManifests({
    operator,
    namespace,
    watch: watchFlag(options.watch),
    image: options.image ?? `${operator.image}:${operator.version}`,
    grants,
    replicas: options.replicas ?? 1,
  });
}

export async function install(
  operator: OperatorDefinition,
  options: InstallOptions,
  grants: Grants,
): Promise<void> {
  const namespace = options.namespace ?? operator.name;
  const { crds, rest } = planInstall(operator, namespace, options, grants);
  if (options.print === true) {
    process.stdout.write(toYaml([...crds, ...rest]));
    return;
  }
  using session = await openSession(options, `${operator.name}/${operator.version} (install)`);
  await refuseMissingNamespaces(session, rest, namespace);
  for (const crd of crds) await applyOne(session, crd);
  for (const manifest of rest) await applyOne(session, manifest);
  await until({
    session,
    kind: kinds.Deployment,
    namespace,
    name: operator.name,
    timeoutMs: options.timeout,
    say: (line) => process.stderr.write(`${line}\n`),
    judge: (live) => {
      const readiness = isObjectReady(live);
      return readiness.ready
        ? { done: true }
        : { done: false, waitingFor: readiness.waitingFor ?? "the Deployment" };
    },
  });
  process.stderr.write(`${operator.name} runs in namespace ${namespace} and watches ${options.watch}\n`);
}

/** A Role needs its namespace: say so before anything is written. The operator's own namespace is made. */
async function refuseMissingNamespaces(
  { client }: Session,
  manifests: readonly Manifest[],
  own: string,
): Promise<void> {
  const watched = [
    ...new Set(
      manifests
        .map(({ metadata }) => metadata.namespace)
        .filter((name) => name !== undefined && name !== own),
    ),
  ];
  for (const name of watched) {
    if (name !== undefined && (await client.get(kinds.Namespace, undefined, name)) === undefined)
      throw new CommandError(
        exitCodes.refused,
        `Namespace ${name} does not exist: create it, or name another with --watch`,
      );
  }
}

export function kindOf(manifest: Manifest): KindSpec {
  const found = Object.values(kinds).find(
    ({ apiVersion, kind }) => apiVersion === manifest.apiVersion && kind === manifest.kind,
  );
  if (found === undefined)
    throw new Error(`${manifest.apiVersion} ${manifest.kind} is not a kind that we install`);
  return found;
}

async function applyOne({ client }: Session, manifest: Manifest): Promise<void> {
  const kind = kindOf(manifest);
  await client.apply(kind, kind.namespaced ? manifest.metadata.namespace : undefined, manifest, {
    fieldManager,
  });
}

export interface UninstallOptions extends InstallOptions {
  readonly withCrds?: boolean;
}

/** Removes the operator. Resources and what they own stay; CRDs stay unless asked, because they take resources with them. */
export async function uninstall(operator: OperatorDefinition, options: UninstallOptions): Promise<void> {
  const namespace = options.namespace ?? operator.name;
  using session = await openSession(options, `${operator.name}/${operator.version} (uninstall)`);
  const labels = { "app.kubernetes.io/name": operator.name, "app.kubernetes.io/managed-by": "install" };
  for (const kind of [
    kinds.Deployment,
    kinds.RoleBinding,
    kinds.Role,
    kinds.ServiceAccount,
    kinds.ClusterRoleBinding,
    kinds.ClusterRole,
  ]) {
    const { items } = await session.client.list(kind, undefined, { labels });
    for (const live of items) await remove(session, kind, live);
  }
  const left = await Promise.all(operator.definitions.map((definition) => leftovers(session, definition)));
  if (options.withCrds === true) {
    for (const { plural, group } of operator.definitions) {
      const live = await session.client.get(kinds.CustomResourceDefinition, undefined, `${plural}.${group}`);
      if (live !== undefined) await remove(session, kinds.CustomResourceDefinition, live);
    }
  } else {
    const count = left.reduce((sum, many) => sum + many, 0);
    process.stderr.write(
      `The resource definitions stay${count === 0 ? "" : `, and so do ${count} resources`}; --with-crds removes them and every resource with them\n`,
    );
  }
  process.stderr.write(`${operator.name} is removed from namespace ${namespace}\n`);
}

async function leftovers(
  { client }: Session,
  { apiVersion, kind, plural }: OperatorDefinition["definitions"][number],
): Promise<number> {
  try {
    return (await client.list({ apiVersion, kind, plural, namespaced: true }, undefined)).items.length;
  } catch {
    return 0; // The definition is not there: nothing can be left.
  }
}

async function remove({ client }: Session, kind: KindSpec, { metadata }: LiveObject): Promise<void> {
  await client.delete(kind, kind.namespaced ? metadata.namespace : undefined, {
    name: metadata.name,
    uid: metadata.uid,
  });
  process.stderr.write(`removed ${kind.kind} ${metadata.name}\n`);
}
