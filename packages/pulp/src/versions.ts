/** Order of pulpcore releases. Pure. */

/** True when both are releases and the first comes before the second: `3.9.0` before `3.10.0`. Tags have no order. */
export function isOlder(version: string, than: string): boolean {
  const [left, right] = [numbers(version), numbers(than)];
  if (left === undefined || right === undefined) return false;
  // A shorter tag such as 3.123 stands for any of its patch releases.
  for (let index = 0; index < Math.min(left.length, right.length); index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/**
 * True for releases whose web processes take `--no-control-socket`: 3.117 and later, 3.105.19 and later of its branch.
 * gunicorn 25.1's control thread can leave a fresh process hanging; where the flag is unknown it would be an error.
 */
export function hasControlSocketFlag(version: string): boolean {
  const since = isOlder(version, "3.106") ? "3.105.19" : "3.117.0";
  return numbers(version) !== undefined && !isOlder(version, since);
}

function numbers(version: string): readonly number[] | undefined {
  return /^\d+(\.\d+){1,3}/.exec(version)?.[0].split(".").map(Number);
}
