/**
 * What the web API is asked about Zuul itself, and how its answers are read. Anything unexpected in an answer is left
 * out instead of failing. I/O: only through the function that is handed in.
 * @see Zuul 14.3.0, zuul/web/__init__.py: components, tenants, tenant-status, config-errors
 */

/** One process, as Zuul's own registry has it. */
export interface Program {
  readonly kind: string;
  readonly hostname: string;
  readonly state: string;
  readonly version: string;
}

export interface ConfigError {
  readonly project?: string;
  /** With its branch: `zuul.yaml (main)`. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** Zuul's own words, without the place, on one line. */
  readonly message: string;
}

export interface TenantFacts {
  readonly name: string;
  /** Absent where access rules of the tenant keep its errors from strangers, or web has no answer about it. */
  readonly errors?: {
    /** At most `countedErrors`. */
    readonly count: number;
    /** At most `shownErrors`. Warnings are none of them: Zuul uses what it only warns of. */
    readonly first: readonly ConfigError[];
  };
}

/** Each member is absent where access rules of `api-root` keep it from strangers. */
export interface ZuulFacts {
  /** Ordered by kind and host name. */
  readonly programs?: readonly Program[];
  /** Ordered by name. */
  readonly tenants?: readonly TenantFacts[];
}

/** JSON of one path; `undefined` when Zuul does not tell strangers. Rejects when there is no answer. */
export type GetJson = (path: string) => Promise<unknown>;

const shownErrors = 10;
/** Web lists them one by one, and has no better count: that of `tenant-status` includes warnings. */
const countedErrors = 500;
const askedTenants = 100;

/**
 * Processes, and of the first `askedTenants` tenants by name their errors.
 * @throws whatever `getJson` throws, but for single tenants: one that web cannot speak of must not silence the others
 */
export async function probeZuul(getJson: GetJson): Promise<ZuulFacts> {
  const [components, tenants] = await Promise.all([getJson("/api/components"), getJson("/api/tenants")]);
  const names = list(tenants).flatMap((tenant) => text(record(tenant)["name"]) ?? []);
  const facts: TenantFacts[] = [];
  const failures: unknown[] = [];
  // One after the other: these answers cost web's few threads something.
  for (const name of names.toSorted().slice(0, askedTenants)) {
    const page = `/api/tenant/${encodeURIComponent(name)}/config-errors`;
    const answer = await getJson(`${page}?severity=error&limit=${countedErrors}`).catch((error: unknown) => {
      failures.push(error);
      return undefined;
    });
    facts.push(tenantFacts(name, answer));
  }
  if (failures.length > 0 && failures.length === facts.length) throw failures[0];
  return {
    ...(components === undefined ? {} : { programs: programsOf(components) }),
    ...(tenants === undefined ? {} : { tenants: facts }),
  };
}

function programsOf(components: unknown): readonly Program[] {
  return Object.entries(record(components))
    .flatMap(([kind, entries]) =>
      list(entries)
        .map(record)
        .map((entry) => ({
          kind,
          hostname: text(entry["hostname"]) ?? "",
          state: text(entry["state"]) ?? "unknown",
          version: text(entry["version"]) ?? "unknown",
        })),
    )
    .toSorted((a, b) => (`${a.kind} ${a.hostname}` < `${b.kind} ${b.hostname}` ? -1 : 1));
}

function tenantFacts(name: string, answer: unknown): TenantFacts {
  if (answer === undefined) return { name };
  const errors = list(answer).map(configError);
  return { name, errors: { count: errors.length, first: errors.slice(0, shownErrors) } };
}

/** The line is only in the words: `in "project/zuul.yaml@main", line 14`. */
function configError(answer: unknown): ConfigError {
  const entry = record(answer);
  const context = record(entry["source_context"]);
  const words = text(entry["error"]) ?? "";
  const line = /^\s*in ".*", line (\d+)/m.exec(words)?.[1];
  const project = text(context["project"]);
  const path = text(context["path"]);
  const branch = text(context["branch"]);
  const short = text(entry["short_error"]) ?? words.trim();
  return {
    message: short.replace(/\s+/g, " ").slice(0, 500),
    ...(project === undefined ? {} : { project }),
    ...(path === undefined ? {} : { file: branch === undefined ? path : `${path} (${branch})` }),
    ...(line === undefined ? {} : { line: Number(line) }),
  };
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;
