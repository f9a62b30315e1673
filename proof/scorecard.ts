/** Writes docs/scorecard.md from the ledger. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Stamped } from "./ledger.ts";

export async function writeScoreCard(entries: readonly Stamped[]): Promise<void> {
  writeFileSync(join(import.meta.dirname, "..", "docs", "scorecard.md"), `${entries.length}\n`);
}
