/** One pass over one Board, and what the operator consists of. */
import { defineController, kinds } from "@zuul-pulp/k8s-core";
import type { OperatorDefinition } from "@zuul-pulp/k8s-core/cli";
import { observe } from "@zuul-pulp/k8s-core/model";
import { resolveAll } from "@zuul-pulp/secret-ref";
import { boardDefinition, synthBoard } from "./board.ts";

export const boardController = defineController({
  definition: boardDefinition,
  fieldManager: "board-operator",
  partOf: "board",
  owns: [kinds.ConfigMap, kinds.PersistentVolumeClaim, kinds.Deployment, kinds.Service],
  reads: ["Secret"],
  reconcile: async (raw, io) => {
    const board = boardDefinition.parse(raw);
    const { passcode: source } = board.spec;
    const passcode = source && { id: "passcode", source, key: source.key ?? "passcode", as: "text" as const };
    const refs = await resolveAll({ references: passcode ? [passcode] : [], generated: [] }, io);
    const { components, waiting } = observe(await io.apply(synthBoard(board, refs)), io.facts());
    return { components, conditions: [], ...(waiting && { waiting }) };
  },
});

export const boardOperator: OperatorDefinition = {
  name: "board-operator",
  product: "Board",
  version: "0.1.0",
  image: "ghcr.io/zuul-pulp/board-operator",
  controllers: [boardController],
  definitions: [boardDefinition],
  grants: [],
};
