/** What the command line, the installer and the generators need to know about this operator. */
import type { OperatorDefinition } from "@zuul-pulp/k8s-core/cli";
import { pulpDefinition } from "@zuul-pulp/pulp";
import { pulpController } from "./reconcile.ts";

export const pulpOperator: OperatorDefinition = {
  name: "pulp-operator",
  product: "Pulp",
  version: "0.1.0",
  image: "ghcr.io/zuul-pulp/pulp-operator",
  controllers: [pulpController],
  definitions: [pulpDefinition],
  grants: [],
};
