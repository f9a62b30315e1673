/** Independent work, a bounded number at a time. */

/** Results in the order of the inputs. Runs all, even when one fails; failures are results. */
export async function settleAll<T, R>(
  inputs: readonly T[],
  atOnce: number,
  work: (input: T) => Promise<R>,
): Promise<PromiseSettledResult<R>[]> {
  const results: PromiseSettledResult<R>[] = [];
  const rest = inputs.entries();
  const worker = async (): Promise<void> => {
    for (const [index, input] of rest) {
      const [result] = await Promise.allSettled([work(input)]);
      results[index] = result;
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, inputs.length) }, worker));
  return results;
}
