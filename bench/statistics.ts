/** Few numbers from many. Pure. */

/** Nearest rank: a value that was really measured. NaN when there is none. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

/** `p50 12 ms, p99 31 ms`. */
export function spread(valuesMs: readonly number[]): string {
  const at = (percent: number): string => milliseconds(percentile(valuesMs, percent));
  return `p50 ${at(50)}, p99 ${at(99)}`;
}

/** Short, with as many digits as mean something. */
export function milliseconds(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}
