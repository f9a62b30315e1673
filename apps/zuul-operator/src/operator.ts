/** What the command line, the installer and the generators need to know about this operator. */
import type { OperatorDefinition } from "@zuul-pulp/k8s-core/cli";
import { zuulDefinition, zuulGrants } from "@zuul-pulp/zuul";
import { zuulController } from "./reconcile.ts";

export const zuulOperator: OperatorDefinition = {
  name: "zuul-operator",
  product: "Zuul",
  version: "0.1.0",
  image: "ghcr.io/zuul-pulp/zuul-operator",
  controllers: [zuulController],
  definitions: [zuulDefinition],
  grants: zuulGrants,
};
