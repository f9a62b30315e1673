/** An operator as `install` leaves it, for a process that runs where no pod is. I/O: the cluster. */
import { type Client, kinds, type KindSpec, type WatchScope } from "@zuul-pulp/k8s-core";
import { installManifests, type OperatorDefinition } from "@zuul-pulp/k8s-core/cli";
import { defaultGrants, type Manifest } from "@zuul-pulp/k8s-core/model";
import { put } from "./person.ts";

/** Everything of an installation but the Deployment, whose place a process here takes. @returns that Deployment */
export async function installWithoutDeployment(
  admin: Client,
  operator: OperatorDefinition,
  namespace: string,
  watch: WatchScope = { kind: "own" },
): Promise<Manifest> {
  const grants = defaultGrants(operator.grants);
  const { rest } = installManifests({ operator, namespace, watch, image: operator.image, grants });
  const byName: Readonly<Record<string, KindSpec>> = kinds;
  let deployment: Manifest | undefined;
  for (const manifest of rest) {
    const kind = byName[manifest.kind];
    if (kind === undefined)
      throw new Error(`An installation has a ${manifest.kind}, which is not known here`);
    if (kind === kinds.Deployment) deployment = manifest;
    else await put(admin, kind, manifest, namespace);
  }
  if (deployment === undefined) throw new Error("An installation has no Deployment");
  return deployment;
}
