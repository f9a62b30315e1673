/** The two ways in which a step says "not now". Anything else that is thrown is a bug or the network. Pure. */

/** A person must change something. The pass is not repeated by time, only when an input changes. */
export class Blocked extends Error {
  override readonly name = "Blocked";
  readonly reason: string;
  /** @param reason CamelCase, from the closed list in docs/reasons.md; @param message one sentence, no secret, no period */
  constructor(reason: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** The cluster must do something first. The next event wakes the pass, at the latest after `atMostMs`. */
export class Waiting extends Error {
  override readonly name = "Waiting";
  readonly reason: string;
  readonly atMostMs: number;
  constructor(reason: string, message: string, atMostMs = 60_000) {
    super(message);
    this.reason = reason;
    this.atMostMs = atMostMs;
  }
}
