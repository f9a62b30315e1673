/**
 * Collects everything that stands between a resource and its references, so that the user hears it all at
 * once.
 */
import { Blocked, Waiting } from "@zuul-pulp/k8s-core/model";

export class Problems {
  readonly #missing: { readonly secret: boolean; readonly text: string }[] = [];
  readonly #invalid: { readonly reason: "InvalidReference" | "InvalidSecret"; readonly text: string }[] = [];

  /** The cluster may still bring it. */
  missing(what: "Secret" | "ConfigMap", text: string): void {
    this.#missing.push({ secret: what === "Secret", text });
  }

  /** A person must change something. */
  invalid(reason: "InvalidReference" | "InvalidSecret", text: string): void {
    this.#invalid.push({ reason, text });
  }

  /**
   * @throws Blocked `InvalidReference` or `InvalidSecret`, with what is missing as well, so that one edit
   * repairs all
   * @throws Waiting `SecretMissing` or `ConfigMapMissing`
   */
  throwIfAny(): void {
    const texts = [...this.#invalid, ...this.#missing].map(({ text }) => text);
    const message = [...new Set(texts)].join("; ");
    const [invalid] = this.#invalid;
    if (invalid !== undefined) throw new Blocked(invalid.reason, message);
    if (this.#missing.length === 0) return;
    throw new Waiting(
      this.#missing.some(({ secret }) => secret) ? "SecretMissing" : "ConfigMapMissing",
      message,
    );
  }
}
