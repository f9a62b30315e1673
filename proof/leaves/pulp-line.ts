/** Pulp's line, with a resource in which every section stands. Pure. */
import {
  parsePulp,
  presentOf,
  type Pulp,
  pulpDefinition,
  referencesOf,
  renderPulp,
  synthPulp,
} from "@zuul-pulp/pulp";
import { resolveAll } from "@zuul-pulp/secret-ref";
import type { Spec } from "./leaf.ts";
import { clusterOf, type Line, readerOf, type Texts, type Turn, turning, type World } from "./line.ts";

const fernet = (letter: string): string => `${letter.repeat(43)}=`;

/** Everything that a Secret of Pulp may have to hold, so that each reference can name another one or another key. */
const values = (which: string): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(
    ["password", "secret_key", "second", "accessKeyId", "secretAccessKey", "private.pem", "public.pem"].map(
      (key) => [key, `${key} ${which}`],
    ),
  ),
  ...{ host: `${which}.example.org`, port: "5432", user: "pulp", dbname: "pulp", sslmode: "prefer" },
  ...{ "tls.crt": which, "tls.key": which },
});

const secrets = (turn: Turn): Texts => ({
  s: values("one"),
  other: values("other"),
  fernet: { key: fernet("a"), second: fernet("b") },
  "other-fernet": { key: fernet("c") },
  [turning]: {
    ...values(`turn-${turn}`),
    host: "turning.example.org",
    key: fernet(turn === "one" ? "d" : "e"),
  },
});

const base: Spec = {
  imagePullSecrets: [{ name: "pull" }],
  expose: { type: "LoadBalancer", host: "one.example.org" },
  storage: { filesystem: {} },
  settings: { ALLOWED_EXPORT_PATHS: ["/one"], AUTH_LDAP_BIND_PASSWORD: { secretName: "s", key: "password" } },
  adminPassword: { secretName: "s" },
  secretKey: { secretName: "s" },
  fieldEncryptionKey: { secretName: "fernet" },
  tokenSigningKey: { secretName: "s" },
};

const resourceOf = (spec: Spec, status: World["status"] = {}) => ({
  apiVersion: pulpDefinition.apiVersion,
  kind: "Pulp",
  metadata: { name: "pulp", namespace: "default" },
  spec,
  status,
});

export const pulpLine: Line = {
  kind: "Pulp",
  name: "pulp",
  leaves: pulpDefinition.leaves(),
  schema: pulpDefinition.structural.spec,
  base,
  check: (spec) => void pulpDefinition.parse(resourceOf(spec)),
  pass: async (spec, before, turn = "one") => {
    const pulp = parsePulp(resourceOf(spec, before?.status));
    const { reader, made } = readerOf(secrets(turn), {}, before);
    const refs = await resolveAll(referencesOf(pulp), reader);
    const config = renderPulp(pulp, refs, presentOf(pulp, clusterOf(before?.plan)));
    const { image, url, databaseIdentity: database } = config;
    const status = { image, url, database, storage: storageOf(pulp), version: pulp.spec.version };
    return { plan: synthPulp(pulp, config), secrets: made(), status };
  },
};

/** As the status names it. */
function storageOf({ storage }: Pulp): string {
  if (storage.kind === "filesystem") return "filesystem";
  return `s3:${storage.bucket}${storage.prefix === undefined ? "" : `/${storage.prefix}`}`;
}
