/** One text per value: keys sorted at every depth. Pure. */

/** A copy with the keys of all records in order; arrays keep theirs. `undefined` members are dropped. */
export function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  const sorted = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, member]) => [key, sortKeys(member)]));
}

export function canonicalJson(value: unknown): string {
  return JSON.stringify(sortKeys(value));
}
