/** Auth sections: how web recognises people and tokens. Only web reads them. Pure. */
import type { Notice } from "@zuul-pulp/k8s-core/model";
import { safeName } from "./ini.ts";
import { type ConfSection, type OptionTable, readOptions } from "./options.ts";

const text = { kind: "text" } as const;
const boolean = { kind: "boolean" } as const;

const everyDriver = {
  realm: text,
  default: boolean,
  client_id: { ...text, required: true },
  issuer_id: { ...text, required: true },
  uid_claim: text,
  max_validity_time: { kind: "number" },
  skew: { kind: "integer" },
  allow_authz_override: boolean,
} as const satisfies OptionTable;

const oidc = {
  ...everyDriver,
  keys_url: text,
  scope: { kind: "list", separator: " " },
  authority: text,
  audience: text,
  load_user_info: boolean,
} as const satisfies OptionTable;

/** @see zuul/driver/auth/*, Zuul 14.3.0; RS256's `private_key` only mints tokens on a person's machine */
export const authDrivers = {
  HS256: { ...everyDriver, secret: { kind: "secret", required: true } },
  RS256: {
    ...everyDriver,
    public_key: { kind: "file", required: true },
    private_key: { kind: "secretFile", readers: [] },
  },
  RS256withJWKS: oidc,
  OpenIDConnect: oidc,
} as const satisfies Readonly<Record<string, OptionTable>>;

type AuthDriver = keyof typeof authDrivers;

export interface ReadAuth {
  readonly sections: readonly ConfSection[];
  readonly problems: readonly string[];
  readonly notices: readonly Notice[];
}

export function readAuth(raw: Readonly<Record<string, unknown>>): ReadAuth {
  const read = Object.entries(raw)
    .filter(([, options]) => options !== null)
    .map(([name, options]) => readSection(name, options));
  return {
    sections: read.flatMap(({ sections }) => sections),
    problems: read.flatMap(({ problems }) => problems),
    notices: read.flatMap(({ notices }) => notices),
  };
}

function readSection(name: string, raw: unknown): ReadAuth {
  const path = `auth.${name}`;
  const refuse = (sentence: string): ReadAuth => ({
    sections: [],
    problems: [`${path}: ${sentence}`],
    notices: [],
  });
  if (!safeName.test(name)) return refuse("a name is letters, digits, '.', '_', '-' and inner spaces");
  if (typeof raw !== "object" || raw === null || Array.isArray(raw))
    return refuse("must be an object with a driver");
  const driver = "driver" in raw ? raw.driver : undefined;
  if (!isAuthDriver(driver)) return refuse(`driver must be one of ${Object.keys(authDrivers).join(", ")}`);
  const read = readOptions(
    { ...raw },
    { path, table: authDrivers[driver], readers: ["web"], skip: ["driver"] },
  );
  const options = [
    { name: "driver", value: { kind: "text", text: driver }, readers: ["web"] } as const,
    ...read.options,
  ];
  return { sections: [{ name: `auth ${name}`, options }], problems: read.problems, notices: read.notices };
}

function isAuthDriver(value: unknown): value is AuthDriver {
  return typeof value === "string" && Object.hasOwn(authDrivers, value);
}
