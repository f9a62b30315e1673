/** Readings as a table for a terminal and as JSON for a program. Pure. */
import type { Reading } from "./figure.ts";

/** What the numbers depend on. */
export interface Circumstances {
  readonly date: string;
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGb: number;
  /** Work that others did on the machine before the first measurement. */
  readonly load: number;
  readonly node: string;
}

export function tableOf(readings: readonly Reading[], at: Circumstances): string {
  const rows = [
    ["figure", "of", "measured", "target", "met", "n"],
    ...readings.map(({ figure, subject, measured, target = "", isMet, n }) => [
      figure,
      subject,
      measured,
      target,
      isMet === undefined ? "" : isMet ? "yes" : "NO",
      String(n),
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
  const machine = `${at.cores} cores (${at.cpu}), ${at.memoryGb} GB, load ${at.load.toFixed(1)} before the start`;
  return `${lines.map((line) => line.trimEnd()).join("\n")}\n\n${at.date}, Node ${at.node}, ${machine}\n`;
}
