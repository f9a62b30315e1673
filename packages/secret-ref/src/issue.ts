/**
 * Issues certificates: ECDSA on P-256, keys as PKCS#8. I/O: the system's source of randomness. Loaded on
 * demand.
 */
import { randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import type { CaGenerator, CertificateGenerator } from "./references.ts";
import { usageOids } from "./usages.ts";

cryptoProvider.set(webcrypto);

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const dayMs = 86_400_000;
const caDays = 3650;
/** Clocks of nodes differ a little; a certificate that begins "now" would be refused by those that lag. */
const clockSkewMs = 5 * 60_000;

/** `ca.crt` and `ca.key`, PEM. */
export async function issueAuthority(
  { commonName }: CaGenerator,
  nowMs: number,
): Promise<{ readonly "ca.crt": string; readonly "ca.key": string }> {
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [fitted(commonName)] }],
    keys,
    serialNumber: serialNumber(),
    signingAlgorithm: algorithm,
    ...lifetime(nowMs, caDays),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { "ca.crt": `${certificate.toString("pem")}\n`, "ca.key": await pemOf(keys.privateKey) };
}

/** @param caPem the CA that signs comes first in it; further ones are only trusted */
export async function issueCertificate(
  { commonName, dnsNames, usages, validityDays = 365 }: CertificateGenerator,
  caPem: string,
  caKeyPem: string,
  nowMs: number,
): Promise<{ readonly certificate: string; readonly key: string }> {
  const ca = new X509Certificate(PemConverter.decodeFirst(caPem));
  const caKey = await webcrypto.subtle.importKey(
    "pkcs8",
    PemConverter.decodeFirst(caKeyPem),
    algorithm,
    false,
    ["sign"],
  );
  const keys = await newKeys();
  const names = dnsNames.map((value) => ({
    type: isIP(value) === 0 ? ("dns" as const) : ("ip" as const),
    value,
  }));
  const certificate = await X509CertificateGenerator.create({
    subject: [{ CN: [fitted(commonName)] }],
    issuer: ca.subject,
    publicKey: keys.publicKey,
    signingKey: caKey,
    serialNumber: serialNumber(),
    signingAlgorithm: algorithm,
    ...lifetime(nowMs, validityDays),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension(usages.map((usage) => usageOids[usage])),
      ...(names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)]),
      await AuthorityKeyIdentifierExtension.create(ca),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: `${certificate.toString("pem")}\n`, key: await pemOf(keys.privateKey) };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  return `${PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY")}\n`;
}

function lifetime(nowMs: number, days: number): { readonly notBefore: Date; readonly notAfter: Date } {
  return { notBefore: new Date(nowMs - clockSkewMs), notAfter: new Date(nowMs + days * dayMs) };
}

/** Positive, 16 bytes, first one never zero: X.509 numbers are signed and have no leading zeros. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString("hex");
}

/**
 * X.520 ends a common name after 64 characters; the names that count are in the subject alternative names.
 */
const fitted = (commonName: string): string => commonName.slice(0, 64);
