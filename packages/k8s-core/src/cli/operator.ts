/** What the command line, the installer and the generators need to know about one operator. Data. */
import type { Command } from "commander";
import type { Controller } from "../control/controller.ts";
import type { CrdDefinition } from "../crd/define-crd.ts";
import type { Grant } from "../model/grant.ts";

export interface OperatorDefinition {
  /** `zuul-operator`: name of the command, the Deployment and the ServiceAccount. */
  readonly name: string;
  readonly product: string;
  readonly version: string;
  /** Image without tag; the default tag is `version`. */
  readonly image: string;
  readonly controllers: readonly Controller[];
  readonly definitions: readonly CrdDefinition[];
  /** Power beyond the namespace that an administrator may grant it; each is a flag of `run`, `install`, `render`, `diff`. */
  readonly grants: readonly Grant[];
  /** Commands of the product's own (`reconfigure`, `backup`, …). */
  readonly addCommands?: (program: Command) => void;
}
