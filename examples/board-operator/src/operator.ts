/** One pass over one Board, and what the operator consists of. */
import { defineController, kinds } from "@zuul-pulp/k8s-core";
import type { OperatorDefinition } from "@zuul-pulp/k8s-core/cli";
import { observe, type ReconcileIO, type StatusClaim } from "@zuul-pulp/k8s-core/model";
import { resolveAll } from "@zuul-pulp/secret-ref";
import { boardDefinition, statusOf, synthBoard } from "./board.ts";

export async function reconcileBoard(raw: unknown, io: ReconcileIO): Promise<StatusClaim> {
  const board = boardDefinition.parse(raw);
  const { passcode } = board.spec;
  const source = passcode && {
    id: "passcode",
    source: { secretName: passcode.secretName },
    key: passcode.key ?? "passcode",
    as: "text" as const,
  };
  const refs = await resolveAll({ references: source ? [source] : [], generated: [] }, io);
  const applied = await io.apply(synthBoard(board, refs));
  return statusOf(observe(applied, io.facts()));
}

export const boardController = defineController({
  definition: boardDefinition,
  fieldManager: "board-operator",
  partOf: "board",
  owns: [kinds.ConfigMap, kinds.PersistentVolumeClaim, kinds.Deployment, kinds.Service],
  reads: ["Secret"],
  reconcile: reconcileBoard,
});

export const boardOperator: OperatorDefinition = {
  name: "board-operator",
  product: "Board",
  version: "0.1.0",
  image: "ghcr.io/zuul-pulp/board-operator",
  controllers: [boardController],
  definitions: [boardDefinition],
  permissionsFlags: [],
};
