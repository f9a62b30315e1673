/** Brings resource definitions into a cluster, and waits until the server serves them. I/O: through the client. */
import { ApiError, type Client, isAnswer, kinds, type KindSpec } from "@zuul-pulp/k8s-core";
import type { CrdDefinition } from "@zuul-pulp/k8s-core/crd";
import type { LiveObject } from "@zuul-pulp/k8s-core/model";
import { conditionOf, eventually, until } from "./look.ts";
import { put } from "./person.ts";

export const kindOf = ({ apiVersion, kind, plural }: CrdDefinition): KindSpec => ({
  apiVersion,
  kind,
  plural,
  namespaced: true,
});

/** @throws Error with the server's words about the rule or field that it does not take */
export async function installDefinitions(
  admin: Client,
  definitions: readonly CrdDefinition[],
): Promise<void> {
  await Promise.all(definitions.map((definition) => installDefinition(admin, definition)));
}

async function installDefinition(admin: Client, definition: CrdDefinition): Promise<void> {
  const crd = definition.toCrd();
  // Another run may be installing the same one at this moment.
  await eventually(async () => {
    try {
      await put(admin, kinds.CustomResourceDefinition, crd);
      return true;
    } catch (error) {
      if (isAnswer(error, "conflict", "alreadyExists")) return false;
      throw error instanceof ApiError ? new Error(error.answer.message, { cause: error }) : error;
    }
  });
  await untilServed(admin, definition);
}

/** Until the definition, which somebody has applied, is established and its resources can be listed. */
export async function untilServed(admin: Client, definition: CrdDefinition): Promise<void> {
  const { name } = definition.toCrd().metadata;
  const isEstablished = (live: LiveObject): boolean => conditionOf(live, "Established") === "True";
  await until(admin, kinds.CustomResourceDefinition, undefined, name, isEstablished);
  await eventually(async () => {
    try {
      await admin.list(kindOf(definition), undefined);
      return true;
    } catch (error) {
      if (isAnswer(error, "notServed", "overloaded")) return false;
      throw error;
    }
  });
}
