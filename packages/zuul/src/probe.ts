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
  /** At most `countedErrors`. */
  readonly errorCount: number;
  /** The first of them, at most `shownErrors`. Warnings are none of them: Zuul uses what it only warns of. */
  readonly errors: readonly ConfigError[];
}

export interface ZuulFacts {
  /** Ordered by kind and host name. */
  readonly programs: readonly Program[];
  /** Ordered by name. */
  readonly tenants: readonly TenantFacts[];
}

/** JSON of one path; rejects when there is none. */
export type GetJson = (path: string) => Promise<unknown>;

const shownErrors = 10;
/** Web lists them one by one, and has no better count: that of `tenant-status` includes warnings. */
const countedErrors = 500;
const askedTenants = 100;

/**
 * Processes, and of the first `askedTenants` tenants by name their errors.
 * @throws whatever `getJson` throws for the first questions; a tenant that does not answer has no errors
 */
export async function probeZuul(getJson: GetJson): Promise<ZuulFacts> {
  const [components, tenants] = await Promise.all([getJson("/api/components"), getJson("/api/tenants")]);
  const names = list(tenants).flatMap((tenant) => text(record(tenant)["name"]) ?? []);
  const facts: TenantFacts[] = [];
  // One after the other: these answers cost web's few threads something.
  for (const name of names.toSorted().slice(0, askedTenants)) {
    const page = `/api/tenant/${encodeURIComponent(name)}/config-errors`;
    const errors = await getJson(`${page}?severity=error&limit=${countedErrors}`).catch(() => []);
    facts.push(tenantFacts(name, errors));
  }
  return { programs: programsOf(components), tenants: facts };
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
  const errors = list(answer).map(configError);
  return { name, errorCount: errors.length, errors: errors.slice(0, shownErrors) };
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
