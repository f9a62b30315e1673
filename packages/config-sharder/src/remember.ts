/** Keeps the latest answers of a pure function, so that a pass over an unchanged file costs nothing. */

/**
 * The same function, remembering what it was asked last, up to `maxCharacters` of keys in all. A throw is not
 * kept. Answers must be immutable: several callers get the same one.
 */
export function remembering<Answer>(
  maxCharacters: number,
  compute: (key: string) => Answer,
): (key: string) => Answer {
  const known = new Map<string, Answer>();
  let characters = 0;
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) {
      // Last in, last out: a Map keeps the order in which keys were set.
      known.delete(key);
      known.set(key, found);
      return found;
    }
    const answer = compute(key);
    known.set(key, answer);
    characters += key.length;
    for (const old of known.keys()) {
      if (characters <= maxCharacters) break;
      known.delete(old);
      characters -= old.length;
    }
    return answer;
  };
}
