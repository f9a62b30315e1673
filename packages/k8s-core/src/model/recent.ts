/**
 * The last answers of pure steps: most passes ask what the pass before asked, and building the same manifests again is
 * what they would cost. Invisible: a step answers the same with and without it. Pure, but for the memory.
 */

/** Enough for the resources of most clusters; with more of them a pass costs what it cost without. */
const most = 32;

/** Answers by question. A question is the same when its parts are the same data. */
export class Recent<R> {
  readonly #known: { readonly question: readonly unknown[]; readonly answer: R }[] = [];

  /** The answer from before, else a new one; what `make` throws is not remembered. */
  answer(question: readonly unknown[], make: () => R): R {
    // Most questions are made of the very objects of before; only the others are worth a closer look.
    const isAsked = (one: { readonly question: readonly unknown[] }): boolean =>
      one.question.every((part, index) => Object.is(part, question[index]));
    const same = this.#known.findIndex(isAsked);
    const at = same >= 0 ? same : this.#known.findIndex((one) => isSameData(one.question, question));
    const known = at < 0 ? { question, answer: make() } : this.#known.splice(at, 1)[0];
    if (known === undefined) throw new TypeError("what was found is gone");
    this.#known.unshift(known);
    if (this.#known.length > most) this.#known.pop();
    return known.answer;
  }
}

/** The same step, which answers what it was asked lately without doing it again: the same object, so never change it. */
export function remembering<A extends readonly unknown[], R>(step: (...args: A) => R): (...args: A) => R {
  const recent = new Recent<R>();
  return (...args) => recent.answer(args, () => step(...args));
}

/** Plain data is compared by content; all else, such as a sealed value or a function, by identity. */
export function isSameData(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const prototype: unknown = Object.getPrototypeOf(a);
  if (prototype !== Object.getPrototypeOf(b)) return false;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((element, index) => isSameData(element, b[index]));
  if (a instanceof Map && b instanceof Map) return isSameData([...a], [...b]);
  if (prototype !== Object.prototype) return false;
  const [left, right] = [Object.entries(a), Object.entries(b)];
  return left.length === right.length && isSameData(left, right);
}
