/** What a resource refers to, as data: made by `referencesOf` of a product, read by `resolveAll`. Pure. */
import type { SecretRef, Source } from "./schema.ts";

/**
 * How the bytes are understood:
 * `text` is UTF-8 without NUL, one trailing newline removed, never empty; `file` is taken as it is;
 * `sshKey` is text that ends with a newline; `all` is every key as file, `texts` every key as text.
 */
export type ReadAs = "text" | "file" | "sshKey" | "all" | "texts";

export interface Reference {
  /** Path in the spec without `spec.`: `connections.gerrit.sshkey`. Unique among all references. */
  readonly id: string;
  readonly source: Source;
  /** Exactly this key. Absent: `defaultKeys` in order, then the only key that there is. */
  readonly key?: string | undefined;
  readonly defaultKeys?: readonly string[];
  readonly as: ReadAs;
  /** For `all` and `texts`: keys that must be there; an inner list asks for at least one of its names. */
  readonly requires?: readonly (string | readonly string[])[];
  /** Absent object or key: `has(id)` is false, and nobody waits. */
  readonly optional?: boolean;
}

/** How one generated Secret gets its keys. */
export type Generator =
  | { readonly kind: "password"; readonly key: string; readonly length?: number }
  | {
      readonly kind: "sshKey";
      readonly key: string;
      readonly publicKey?: string;
      readonly type?: "ed25519" | "rsa";
    }
  | { readonly kind: "fernet"; readonly key: string }
  | { readonly kind: "random64"; readonly key: string; readonly bytes: number }
  | { readonly kind: "ecKeyPair"; readonly privateKey: string; readonly publicKey: string }
  | { readonly kind: "literal"; readonly entries: Readonly<Record<string, string>> }
  | CaGenerator
  | CertificateGenerator;

/**
 * Keys `ca.crt` (the current certificate first, then the one before it) and `ca.key`. Valid for ten years.
 */
export interface CaGenerator {
  readonly kind: "ca";
  readonly commonName: string;
}

/**
 * Keys `tls.crt`, `tls.key` (PKCS#8), `ca.crt`, and `tls.pem`: certificate and key in one file, for
 * ZooKeeper.
 */
export interface CertificateGenerator {
  readonly kind: "certificate";
  /** Id of the generated Secret that holds the CA. */
  readonly ca: string;
  readonly commonName: string;
  /** DNS names and IP addresses. A later name that is not covered renews the certificate. */
  readonly dnsNames: readonly string[];
  readonly usages: readonly ("server" | "client")[];
  /** Default 365. Renewed after two thirds. */
  readonly validityDays?: number;
}

/** A Secret that we make once. Present is never overwritten; only certificates are ever renewed. */
export interface GeneratedSecret {
  /** Path in the spec without `spec.` of the field that a user may set instead, or a plain name. Unique. */
  readonly id: string;
  readonly secretName: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Kept when the resource is deleted, because data depends on it. */
  readonly retain: boolean;
  readonly make: Generator | readonly Generator[];
  /** The user's own Secret, used instead. Its `key` counts where we would make a single key. */
  readonly adopt?: SecretRef | undefined;
}

export interface References {
  readonly references: readonly Reference[];
  readonly generated: readonly GeneratedSecret[];
}

export function generatorsOf({ make }: GeneratedSecret): readonly Generator[] {
  return "kind" in make ? [make] : make;
}

/** Keys that a generator writes, and how a value that the user gives instead is read. */
export function keysOf(generator: Generator): ReadonlyMap<string, "text" | "file" | "sshKey"> {
  switch (generator.kind) {
    case "password":
    case "random64":
      return new Map([[generator.key, "text"]]);
    case "fernet":
      return new Map([[generator.key, "file"]]);
    case "sshKey": {
      const keys = new Map<string, "text" | "sshKey">([[generator.key, "sshKey"]]);
      return generator.publicKey === undefined ? keys : keys.set(generator.publicKey, "text");
    }
    case "ecKeyPair":
      return new Map([
        [generator.privateKey, "file"],
        [generator.publicKey, "file"],
      ]);
    case "literal":
      return new Map(Object.keys(generator.entries).map((key) => [key, "text"]));
    case "ca":
      return new Map(["ca.crt", "ca.key"].map((key) => [key, "file"]));
    case "certificate":
      return new Map(["ca.crt", "tls.crt", "tls.key", "tls.pem"].map((key) => [key, "file"]));
    default:
      return generator satisfies never;
  }
}
