/** Independent work, side by side. */

/**
 * Ends when all have ended, also when one fails: what went on behind a pass that is over would meet the next one.
 * @throws the first failure in the order given
 */
export async function together(work: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((one) => one.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
