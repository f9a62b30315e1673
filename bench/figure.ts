/** What a figure is: one file in `figures/`, one question, one or more readings. */
import type { Lab } from "../e2e/lab/lab.ts";

/** One row of the table. */
export interface Reading {
  readonly figure: string;
  /** Which operator, or what else was measured. */
  readonly subject: string;
  /** Numbers with their unit, as a person reads them. */
  readonly measured: string;
  /** As in the design; absent for a number that only informs. */
  readonly target?: string;
  readonly isMet?: boolean;
  /** How many times it was measured. */
  readonly n: number;
}

export interface Figure {
  /** Name for `--only`. */
  readonly name: string;
  /** What the number means, in one sentence. */
  readonly meaning: string;
  /**
   * @param say one line of progress
   * @throws Error when it cannot be measured; a missed target is a reading, not an error
   */
  measure(lab: Lab, say: (line: string) => void): Promise<readonly Omit<Reading, "figure">[]>;
}
