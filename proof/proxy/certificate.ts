/** A certificate authority of the proxy's own and a certificate for loopback. I/O: randomness. */
import { issued } from "../../packages/secret-ref/src/certificates.ts";

export interface Identity {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

export async function proxyIdentity(): Promise<Identity> {
  const nowMs = Date.now();
  const authority = await issued({ kind: "ca", commonName: "fault proxy" }, undefined, nowMs);
  const leaf = await issued(
    {
      kind: "certificate",
      ca: "ca",
      commonName: "fault proxy",
      dnsNames: ["localhost", "127.0.0.1"],
      usages: ["server"],
    },
    authority,
    nowMs,
  );
  const text = (entries: ReadonlyMap<string, Uint8Array>, key: string): string =>
    new TextDecoder().decode(entries.get(key));
  return {
    ca: text(authority, "ca.crt"),
    certificate: text(leaf, "tls.crt"),
    key: text(leaf, "tls.key"),
  };
}
