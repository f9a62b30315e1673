/** Absent instead of undefined: under server-side apply the two are different requests. Pure. */

export type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The members that have a value. For literals that must satisfy API types with exact optional members. */
export function given<T extends object>(members: T): Given<T> {
  const kept: Given<T> = {};
  for (const key in members) {
    const value = members[key];
    if (isGiven(value)) kept[key] = value;
  }
  return kept;
}

function isGiven<V>(value: V): value is Exclude<V, undefined> {
  return value !== undefined;
}
