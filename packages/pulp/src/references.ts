/** Step 2, what is read: every Secret that one Pulp refers to, and those that are made once and kept. Pure. */
import { type Member, podLabels } from "@zuul-pulp/constructs";
import { remembering } from "@zuul-pulp/k8s-core/model";
import type { GeneratedSecret, Generator, Reference, References, SecretRef } from "@zuul-pulp/secret-ref";
import { memberOf, nameOf, type Part } from "./names.ts";
import type { Pulp } from "./parse.ts";

/** Keys of an external database's Secret: ours first, then those of the operator before this one. */
export const databaseKeys = {
  host: ["host", "POSTGRES_HOST"],
  port: ["port", "POSTGRES_PORT"],
  user: ["user", "username", "POSTGRES_USERNAME"],
  password: ["password", "POSTGRES_PASSWORD"],
  dbname: ["dbname", "database", "POSTGRES_DB_NAME"],
  sslmode: ["sslmode", "POSTGRES_SSLMODE"],
} as const;

export const s3Keys = {
  accessKeyId: ["accessKeyId", "s3-access-key-id"],
  secretAccessKey: ["secretAccessKey", "s3-secret-access-key"],
} as const;

/** Keys of the registry's key pair. */
export const tokenKeyNames = { privateKey: "private.pem", publicKey: "public.pem" } as const;

export const referencesOf = remembering(
  (pulp: Pulp): References => ({
    references: [...external(pulp), ...fromSettings(pulp), ...keyOfData(pulp)],
    generated: generated(pulp),
  }),
);

function external({ database, cache, storage, spec: { expose }, hasWeb }: Pulp): readonly Reference[] {
  const texts = (id: string, secretName: string, requires: Reference["requires"]): Reference => ({
    id,
    source: { secretName },
    as: "texts",
    ...(requires === undefined ? {} : { requires }),
  });
  return [
    ...(database.kind === "external"
      ? [texts("database", database.secretName, Object.values(databaseKeys))]
      : []),
    ...(cache.kind === "external" ? [texts("cache", cache.secretName, ["host", "port"])] : []),
    ...(storage.kind === "s3" && storage.credentials !== undefined
      ? [texts("storage.s3.credentials", storage.credentials.secretName, Object.values(s3Keys))]
      : []),
    // With an Ingress the controller reads the certificate, which may come later.
    ...(hasWeb && expose.tls !== undefined
      ? [texts("expose.tls", expose.tls.secretName, ["tls.crt", "tls.key"])]
      : []),
  ];
}

function fromSettings({ settings }: Pulp): readonly Reference[] {
  return settings.flatMap(({ refs }) =>
    refs.map(({ id, ref }) => ({
      id,
      source: { secretName: ref.secretName },
      key: ref.key,
      as: "text" as const,
    })),
  );
}

/** A database that is in use cannot be read with a new key: one that vanished must be brought back, not made again. */
function needsItsKey({ spec, recorded }: Pulp): boolean {
  return spec.fieldEncryptionKey === undefined && recorded.version !== undefined;
}

function keyOfData(pulp: Pulp): readonly Reference[] {
  if (!needsItsKey(pulp)) return [];
  const source = { secretName: nameOf(pulp.name, "field-encryption") };
  return [{ id: "fieldEncryptionKey", source, key: "key", as: "file" }];
}

function generated(pulp: Pulp): readonly GeneratedSecret[] {
  const { name, spec, database, cache } = pulp;
  const secret = (
    id: string,
    part: Part,
    retain: boolean,
    make: Generator,
    adopt?: SecretRef,
  ): GeneratedSecret => ({
    id,
    secretName: nameOf(name, part),
    labels: podLabels(labelled(name, part)),
    retain,
    make,
    adopt,
  });
  return [
    secret(
      "secretKey",
      "secret-key",
      true,
      { kind: "random64", key: "secret_key", bytes: 50 },
      spec.secretKey,
    ),
    // Without this key passwords of remotes can never be read again: it outlives everything.
    ...(needsItsKey(pulp)
      ? []
      : [
          secret(
            "fieldEncryptionKey",
            "field-encryption",
            true,
            { kind: "fernet", key: "key" },
            spec.fieldEncryptionKey,
          ),
        ]),
    secret(
      "tokenSigningKey",
      "token-keys",
      true,
      { kind: "ecKeyPair", ...tokenKeyNames },
      spec.tokenSigningKey,
    ),
    secret(
      "adminPassword",
      "admin-password",
      true,
      { kind: "password", key: "password" },
      spec.adminPassword,
    ),
    ...(database.kind === "single"
      ? [secret("database.password", "database-password", true, { kind: "password", key: "password" })]
      : []),
    ...(cache.kind === "single"
      ? [secret("cache.password", "cache-password", false, { kind: "password", key: "password" })]
      : []),
  ];
}

function labelled(instance: string, part: Part): Member {
  return memberOf(instance, part);
}
