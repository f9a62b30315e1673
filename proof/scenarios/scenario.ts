/** What a scenario is. Each file in this folder that exports `scenarios` adds some; they are found by their place. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { KindSpec } from "@zuul-pulp/k8s-core";

/** What a person can do in a room. */
export interface Hand {
  /** Of the custom resource. */
  readonly name: string;
  /** Applies the product's example resource under this name. */
  put(): Promise<void>;
  /** A merge patch on the resource. */
  edit(patch: object): Promise<void>;
  remove(): Promise<void>;
  /** Writes a Secret of the person's own. */
  secret(name: string, entries: Readonly<Record<string, string>>): Promise<void>;
  configMap(name: string, entries: Readonly<Record<string, string>>): Promise<void>;
  /** Deletes one child of the resource; `web` for `<name>-web`. */
  removeChild(kind: KindSpec, suffix: string): Promise<void>;
  /** Changes one child as somebody else. */
  editChild(kind: KindSpec, suffix: string, patch: object): Promise<void>;
}

export interface Scenario {
  readonly operator: "zuul" | "pulp";
  readonly name: string;
  readonly meaning: string;
  /** `nothing`: each run has a resource of a new name. `installed`: a settled resource is there, and used again. */
  readonly begins: "nothing" | "installed";
  /** What must hold before the scenario and is no part of it. */
  prepare?(hand: Hand): Promise<void>;
  act(hand: Hand): Promise<void>;
  /** Brings the beginning back; absent: the resource is not used again. */
  undo?(hand: Hand): Promise<void>;
  /** `gone`: the resource is deleted at the end. */
  readonly ends: "present" | "gone";
}

/** What somebody does to a settled resource that is there afterwards. */
export const installed = (scenario: Omit<Scenario, "begins" | "ends">): Scenario => ({
  ...scenario,
  begins: "installed",
  ends: "present",
});

/** Another spec, and the way back, as merge patches. */
export const specChanged = (
  operator: Scenario["operator"],
  name: string,
  meaning: string,
  spec: object,
  back: object,
): Scenario =>
  installed({
    operator,
    name,
    meaning,
    act: (hand) => hand.edit({ spec }),
    undo: (hand) => hand.edit({ spec: back }),
  });

export async function allScenarios(): Promise<readonly Scenario[]> {
  const found: Scenario[] = [];
  for (const file of readdirSync(import.meta.dirname).sort()) {
    if (file === "scenario.ts" || !file.endsWith(".ts") || file.endsWith(".test.ts")) continue;
    const module: { readonly scenarios: readonly Scenario[] } = await import(join(import.meta.dirname, file));
    found.push(...module.scenarios);
  }
  return found;
}
