/**
 * Our own certificate authority and the certificates that it signs: what they hold, when they must be made
 * anew.
 *
 * Reading is pure. Issuing draws keys; the library for it is loaded only then. Time is an argument.
 */
import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { remembering } from "@zuul-pulp/k8s-core/model";
import type { CaGenerator, CertificateGenerator } from "./references.ts";
import { usageOids } from "./usages.ts";

type Entries = ReadonlyMap<string, Uint8Array>;

/**
 * Two thirds of a life leave one third to notice that renewal fails: four months of a year.
 * `undefined` when the Secret holds no certificate that can be read.
 */
export function renewalMsOf(entries: Entries): number | undefined {
  return renewalOf(textOf(entries, entries.has("tls.crt") ? "tls.crt" : "ca.crt"));
}

// Every pass asks about the certificates of the pass before, and reading one costs as much as the rest of a pass.
const renewalOf = remembering((pem: string): number | undefined => {
  const certificate = certificateIn(pem);
  if (certificate === undefined) return undefined;
  const from = certificate.validFromDate.getTime();
  return from + ((certificate.validToDate.getTime() - from) * 2) / 3;
});

export async function issued(
  wanted: CaGenerator | CertificateGenerator,
  authority: Entries | undefined,
  nowMs: number,
): Promise<Entries> {
  const { issueAuthority, issueCertificate } = await import("./issue.ts");
  if (wanted.kind === "ca") return entriesOf(await issueAuthority(wanted, nowMs));
  if (authority === undefined) throw new Error(`Certificate "${wanted.commonName}" has no authority`);
  const { certificate, key } = await issueCertificate(
    wanted,
    textOf(authority, "ca.crt"),
    textOf(authority, "ca.key"),
    nowMs,
  );
  return entriesOf({
    "ca.crt": textOf(authority, "ca.crt"),
    "tls.crt": certificate,
    "tls.key": key,
    "tls.pem": certificate + key,
  });
}

/**
 * What to write instead of `current`; `undefined` when it is still good.
 *
 * A new CA is trusted beside the old one before anything is signed by it: certificates keep their own date of
 * renewal and only take over the new list of CAs, so that no member of an ensemble meets a signature that it
 * does not know.
 */
export async function renewed(
  wanted: CaGenerator | CertificateGenerator,
  current: Entries,
  authority: Entries | undefined,
  nowMs: number,
): Promise<Entries | undefined> {
  const isDue = nowMs >= (renewalMsOf(current) ?? 0);
  if (wanted.kind === "ca") {
    if (!isDue) return undefined;
    const next = await issued(wanted, undefined, nowMs);
    const before = firstPem(textOf(current, "ca.crt"));
    return new Map([...next, ["ca.crt", encode(textOf(next, "ca.crt") + before)]]);
  }
  if (authority === undefined) throw new Error(`Certificate "${wanted.commonName}" has no authority`);
  if (isDue || !isUsable(wanted, current, authority)) return await issued(wanted, authority, nowMs);
  if (textOf(current, "ca.crt") === textOf(authority, "ca.crt")) return undefined;
  return new Map([...current, ["ca.crt", encode(textOf(authority, "ca.crt"))]]);
}

/** Complete, signed by a CA that is still trusted, and good for every wanted name and usage. */
function isUsable(wanted: CertificateGenerator, current: Entries, authority: Entries): boolean {
  if (!["ca.crt", "tls.crt", "tls.key", "tls.pem"].every((key) => current.has(key))) return false;
  return isGoodFor(wanted, textOf(current, "tls.crt"), textOf(authority, "ca.crt"));
}

const isGoodFor = remembering((wanted: CertificateGenerator, pem: string, authorities: string): boolean => {
  const certificate = certificateIn(pem);
  if (certificate === undefined) return false;
  const names = new Set((certificate.subjectAltName ?? "").split(", "));
  const coversNames = wanted.dnsNames.every((name) =>
    isIP(name) === 0 ? names.has(`DNS:${name}`) : certificate.checkIP(name) !== undefined,
  );
  const usages = new Set(certificate.keyUsage);
  return (
    coversNames &&
    wanted.usages.every((usage) => usages.has(usageOids[usage])) &&
    pems(authorities).some((authority) => certificate.verify(new X509Certificate(authority).publicKey))
  );
});

/** The first one in the text. */
function certificateIn(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

const pems = (text: string): readonly string[] =>
  text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g) ?? [];

const firstPem = (text: string): string => pems(text)[0] ?? "";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

const textOf = (entries: Entries, key: string): string => new TextDecoder().decode(entries.get(key));

const entriesOf = (texts: Readonly<Record<string, string>>): Entries =>
  new Map(Object.entries(texts).map(([key, text]) => [key, encode(text)]));
