/** Crypto-grade values for generated Secrets, as text by key. I/O: the system's source of randomness. */
import { generateKeyPair, randomBytes, randomInt } from "node:crypto";
import { promisify } from "node:util";
import type { Generator } from "./references.ts";
import { ed25519KeyPair, rsaKeyPair } from "./ssh-key.ts";

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

export async function generate(generator: Generator): Promise<ReadonlyMap<string, string>> {
  switch (generator.kind) {
    case "password":
      return new Map([[generator.key, password(generator.length ?? 32)]]);
    case "random64":
      return new Map([[generator.key, randomBytes(generator.bytes).toString("base64url")]]);
    case "fernet":
      return new Map([[generator.key, fernetKey()]]);
    case "literal":
      return new Map(Object.entries(generator.entries));
    case "sshKey": {
      const { privateKey, publicKey } = await (generator.type === "rsa" ? rsaKeyPair() : ed25519KeyPair());
      const keys = new Map([[generator.key, privateKey]]);
      return generator.publicKey === undefined ? keys : keys.set(generator.publicKey, publicKey);
    }
    case "ecKeyPair": {
      const pair = await promisify(generateKeyPair)("ec", {
        namedCurve: "P-256",
        privateKeyEncoding: { type: "pkcs8", format: "pem" },
        publicKeyEncoding: { type: "spki", format: "pem" },
      });
      return new Map([
        [generator.privateKey, pair.privateKey],
        [generator.publicKey, pair.publicKey],
      ]);
    }
    case "ca":
    case "certificate":
      throw new Error(`A ${generator.kind} must be the only generator of its Secret`);
    default:
      return generator satisfies never;
  }
}

/**
 * Letters and digits only, so that no quoting rule of any config file can spoil it; 32 of them hold 190
 * bits.
 */
function password(length: number): string {
  return Array.from({ length }, () => letters.charAt(randomInt(letters.length))).join("");
}

/** 32 bytes, url-safe base64 with padding: 44 characters. @see cryptography.fernet, "Fernet.generate_key" */
function fernetKey(): string {
  return randomBytes(32).toString("base64").replaceAll("+", "-").replaceAll("/", "_");
}
