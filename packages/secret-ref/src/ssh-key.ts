/**
 * SSH key pairs as OpenSSH writes them. I/O: the system's source of randomness.
 *
 * Node has no encoder for OpenSSH's own private key format, which is the only one that it reads Ed25519 from.
 * @see OpenSSH PROTOCOL.key; RFC 4253 section 6.6; RFC 8709
 */
import { createPublicKey, generateKeyPair, randomBytes } from "node:crypto";
import { promisify } from "node:util";

export interface SshKeyPair {
  /** PEM with a final newline, no passphrase. */
  readonly privateKey: string;
  /** One line as in authorized_keys, without a comment or newline. */
  readonly publicKey: string;
}

export async function ed25519KeyPair(): Promise<SshKeyPair> {
  const { privateKey } = await promisify(generateKeyPair)("ed25519");
  const jwk = privateKey.export({ format: "jwk" });
  const seed = Buffer.from(jwk.d ?? "", "base64url");
  const point = Buffer.from(jwk.x ?? "", "base64url");
  const blob = Buffer.concat([field("ssh-ed25519"), field(point)]);
  const check = randomBytes(4);
  const secret = Buffer.concat([
    check,
    check,
    field("ssh-ed25519"),
    field(point),
    field(Buffer.concat([seed, point])),
    field("zuul-pulp"),
  ]);
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, index) => index + 1));
  const file = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    field("none"), // cipher
    field("none"), // key derivation
    field(""), // its options
    uint32(1), // number of keys
    field(blob),
    field(Buffer.concat([secret, padding])),
  ]);
  const lines = file.toString("base64").match(/.{1,70}/g) ?? [];
  return {
    privateKey: [
      "-----BEGIN OPENSSH PRIVATE KEY-----",
      ...lines,
      "-----END OPENSSH PRIVATE KEY-----",
      "",
    ].join("\n"),
    publicKey: `ssh-ed25519 ${blob.toString("base64")}`,
  };
}

/** 3072 bits, PKCS#1 PEM: for peers that know no Ed25519. */
export async function rsaKeyPair(): Promise<SshKeyPair> {
  const { privateKey } = await promisify(generateKeyPair)("rsa", {
    modulusLength: 3072,
    publicKeyEncoding: { type: "pkcs1", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  const { n = "", e = "" } = createPublicKey(privateKey).export({ format: "jwk" });
  const blob = Buffer.concat([field("ssh-rsa"), field(positive(e)), field(positive(n))]);
  return { privateKey, publicKey: `ssh-rsa ${blob.toString("base64")}` };
}

/** mpint: a leading zero byte keeps a set high bit from meaning "negative". */
function positive(base64url: string): Buffer {
  const bytes = Buffer.from(base64url, "base64url");
  return (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
}

function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
