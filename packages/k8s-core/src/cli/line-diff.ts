/** Difference of two texts by lines, as `diff -u` shows it, around each change a little of what stays. Pure. */

/** Lines with `-`, `+` or two spaces before them; empty when the texts are equal. */
export function lineDiff(before: string, after: string, context = 2): readonly string[] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  const marked = merged(old, now);
  const isNear = (index: number): boolean =>
    marked.slice(Math.max(0, index - context), index + context + 1).some((line) => !line.startsWith("  "));
  const out: string[] = [];
  let skipped = false;
  for (const [index, line] of marked.entries()) {
    if (isNear(index)) {
      if (skipped && out.length > 0) out.push("  …");
      out.push(line);
      skipped = false;
    } else skipped = true;
  }
  return out;
}

/** Longest common subsequence; manifests are hundreds of lines, so the table is small. */
function merged(old: readonly string[], now: readonly string[]): readonly string[] {
  const lengths = old.map(() => new Uint32Array(now.length + 1)).concat([new Uint32Array(now.length + 1)]);
  const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i -= 1) {
    const row = lengths[i];
    for (let j = now.length - 1; j >= 0 && row !== undefined; j -= 1)
      row[j] = old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  }
  const out: string[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      out.push(`  ${old[i]}`);
      i += 1;
      j += 1;
    } else if (i < old.length && (j >= now.length || at(i + 1, j) >= at(i, j + 1))) {
      out.push(`- ${old[i]}`);
      i += 1;
    } else {
      out.push(`+ ${now[j]}`);
      j += 1;
    }
  }
  return out;
}
