/**
 * A secret value that prints as `***` wherever it is printed. Only `open` and `openBytes` see inside. Pure.
 */
import { createHash } from "node:crypto";

const mask = "***";

let bytesOf: (sealed: Sealed) => Uint8Array;

/** Immutable. Two values are compared by `hash()`, never by opening them. */
export class Sealed {
  readonly #bytes: Uint8Array;

  static {
    bytesOf = (sealed) => sealed.#bytes;
  }

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Text is kept as UTF-8. Bytes are copied, so that the caller's buffer may be reused. */
  static of(value: string | Uint8Array): Sealed {
    return new Sealed(typeof value === "string" ? new TextEncoder().encode(value) : Uint8Array.from(value));
  }

  /**
   * SHA-256 over the bytes, hex. For hashes that leave the process use `contentHash`, which also covers the
   * name.
   */
  hash(): string {
    return createHash("sha256").update(this.#bytes).digest("hex");
  }

  get sizeBytes(): number {
    return this.#bytes.length;
  }

  toString(): string {
    return mask;
  }

  toJSON(): string {
    return mask;
  }

  [Symbol.toPrimitive](): string {
    return mask;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return mask;
  }
}

/**
 * The text inside; only the render step may ask. Bytes that are not UTF-8 throw: such values are files, not
 * text.
 */
export function open(sealed: Sealed): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytesOf(sealed));
}

/** A copy of the bytes inside; only the render step may ask. */
export function openBytes(sealed: Sealed): Uint8Array {
  return Uint8Array.from(bytesOf(sealed));
}
