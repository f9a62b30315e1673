/** `render`: exactly the manifests that `run` would apply, without a cluster. */
import { generatedSecret } from "../apply/generated-secret.ts";
import { unwanted } from "../apply/prune.ts";
import { stamped } from "../apply/stamp.ts";
import type { Grants } from "../model/grant.ts";
import { type LiveObject, type Manifest, objectId, refOf } from "../model/manifest.ts";
import { Blocked, Waiting } from "../model/outcome.ts";
import { manifestsOf, type Plan } from "../model/plan.ts";
import { readDocuments } from "./documents.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";
import { type Elsewhere, nothingPresent, offlineIO, type OfflineProps, PlanReached } from "./offline-io.ts";
import { offlineGrants } from "./grants.ts";
import type { OperatorDefinition } from "./operator.ts";
import { otherStandIn, shownStandIn, withUnknowns } from "./unknown.ts";
import { decoded, redacted, toYaml } from "./yaml-out.ts";

export interface RenderOptions {
  readonly filename: readonly string[];
  readonly showSecrets?: boolean;
  readonly namespace?: string;
  readonly output?: "yaml" | "json";
}

export interface Rendered {
  readonly manifests: readonly Manifest[];
  readonly warnings: readonly string[];
  /** What is there and no longer wanted, in the order in which it would go; nothing without a cluster. */
  readonly unwanted: readonly LiveObject[];
}

/** @throws CommandError `refused` with the condition's text when Blocked, or when an object is not in the files */
export async function renderFiles(
  operator: OperatorDefinition,
  options: RenderOptions,
  grants: Grants,
  elsewhere?: Elsewhere,
): Promise<Rendered> {
  const documents = readDocuments(options.filename);
  const resources = documents.flatMap((document) => {
    const controller = operator.controllers.find(
      ({ resource }) => resource.kind === document.kind && resource.apiVersion === document.apiVersion,
    );
    return controller === undefined ? [] : [{ controller, document }];
  });
  if (resources.length === 0) {
    const wanted = operator.definitions.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`).join(", ");
    throw new CommandError(
      exitCodes.refused,
      `There is no resource to render in ${options.filename.join(", ")}: expected ${wanted}`,
    );
  }
  const parts = await Promise.all(
    resources.map(({ controller, document }) =>
      renderResource(controller, document, options, {
        documents,
        grants: offlineGrants(operator.grants, grants),
        elsewhere,
      }),
    ),
  );
  return {
    manifests: parts.flatMap(({ manifests }) => manifests),
    warnings: parts.flatMap(({ warnings }) => warnings),
    unwanted: parts.flatMap((part) => part.unwanted),
  };
}

async function renderResource(
  controller: OperatorDefinition["controllers"][number],
  document: Manifest,
  options: RenderOptions,
  props: OfflineProps,
): Promise<Rendered> {
  const namespace = document.metadata.namespace ?? options.namespace ?? "default";
  const { name } = document.metadata;
  const present = (await props.elsewhere?.present(controller, namespace, name)) ?? nothingPresent;
  // What the cluster recorded of the resource is part of what the line is given.
  const status = present.resource?.["status"];
  const resource = {
    ...document,
    metadata: { ...document.metadata, namespace },
    ...(status === undefined ? {} : { status }),
  };
  const planned = async (standIn: string) => {
    const io = offlineIO({ ...props, present, standIn });
    const made = await planOf(() => controller.reconcile(resource, io), document);
    return { io, made };
  };
  const { io, made: plan } = await planned(shownStandIn);
  const others = await planned(otherStandIn);
  const stamp = (manifest: Manifest): Manifest =>
    stamped(manifest, {
      namespace,
      fieldManager: controller.fieldManager,
      instance: document.metadata.name,
      deletionPolicy: plan.deletionPolicy,
    });
  const manifestsIn = ({ io: { generated }, made }: typeof others): readonly Manifest[] =>
    [...generated.map(generatedSecret), ...manifestsOf(made)].map(stamp);
  const other = manifestsIn(others);
  const known = manifestsIn({ io, made: plan });
  const manifests = known.map((manifest, index) => withUnknowns(manifest, other[index]));
  return {
    manifests,
    unwanted: unwanted({
      members: present.objects,
      desired: new Set(known.map((manifest) => objectId(refOf(manifest)))),
      used: io.asked,
      deletionPolicy: plan.deletionPolicy,
      fieldManager: controller.fieldManager,
      partOf: controller.partOf,
      ownerUid: present.resource?.metadata.uid ?? "",
    }),
    warnings: plan.notices.map(({ reason, message }) => `${reason}: ${message}`),
  };
}

async function planOf(reconcile: () => Promise<unknown>, { kind, metadata }: Manifest): Promise<Plan> {
  try {
    await reconcile();
  } catch (error) {
    if (error instanceof PlanReached) return error.plan;
    if (error instanceof Blocked || error instanceof Waiting)
      throw new CommandError(
        exitCodes.refused,
        `${kind} ${metadata.name}: ${error.reason}: ${error.message}`,
        { cause: error },
      );
    throw error;
  }
  throw new CommandError(exitCodes.refused, `${kind} ${metadata.name} is paused: nothing would be applied`);
}

export async function render(
  operator: OperatorDefinition,
  options: RenderOptions,
  grants: Grants,
): Promise<void> {
  const { manifests, warnings } = await renderFiles(operator, options, grants);
  for (const warning of warnings) process.stderr.write(`Warning: ${warning}\n`);
  const shown = manifests.map(options.showSecrets === true ? decoded : redacted);
  process.stdout.write(options.output === "json" ? `${JSON.stringify(shown, null, 2)}\n` : toYaml(shown));
}
