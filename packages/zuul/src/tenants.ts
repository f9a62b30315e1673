/** The tenant file: checked as far as that needs no repository, so that a broken one never reaches a scheduler. Pure. */
import { Blocked } from "@zuul-pulp/k8s-core/model";
import { parseDocument } from "yaml";
import type { Connection } from "./connections.ts";

const known = ["tenant", "global-semaphore", "authorization-rule", "admin-rule", "role", "api-root"];

/**
 * @param origin names the object, for messages
 * @throws Blocked `InvalidTenantConfig` with everything that Zuul would refuse at load
 * @see Zuul 14.3.0 reference, "Tenant Configuration"; zuul/configloader.py
 */
export function checkTenants(text: string, connections: readonly Connection[], origin: string): void {
  // YAML 1.1, like Zuul's own parser; only the place of an error is shown, since the file may come from a Secret.
  const document = parseDocument(text, {
    version: "1.1",
    merge: true,
    prettyErrors: true,
    logLevel: "silent",
  });
  const [error] = document.errors;
  if (error !== undefined) {
    const line = error.linePos?.[0].line;
    throw refused(origin, [`it is not valid YAML${line === undefined ? "" : ` at line ${line}`}`]);
  }
  const content: unknown = document.toJS({ maxAliasCount: 10_000 });
  if (!Array.isArray(content)) throw refused(origin, ["it must be a list of tenants"]);
  const problems = content.flatMap((entry, index) => entryProblems(entry, index, connections));
  const names = content.map(tenantName).filter((name) => name !== undefined);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  problems.push(...twice.map((name) => `tenant ${name} is there twice`));
  if (problems.length > 0) throw refused(origin, problems);
}

function refused(origin: string, problems: readonly string[]): Blocked {
  return new Blocked("InvalidTenantConfig", `Cannot use ${origin}: ${problems.join("; ")}`);
}

function entryProblems(entry: unknown, index: number, connections: readonly Connection[]): readonly string[] {
  const place = `entry ${index + 1}`;
  if (!isRecord(entry) || Object.keys(entry).length !== 1)
    return [`${place} must be a mapping with one key, such as tenant`];
  const [kind = ""] = Object.keys(entry);
  if (!known.includes(kind)) return [`${place} has the unknown key ${kind}`];
  if (kind !== "tenant") return [];
  const tenant = entry[kind];
  if (!isRecord(tenant)) return [`${place} must hold a mapping`];
  const name = tenantName(entry);
  if (name === undefined) return [`${place} has no name`];
  const sources = tenant["source"];
  return isRecord(sources)
    ? Object.keys(sources).flatMap((source) => sourceProblems(name, source, connections))
    : [];
}

function sourceProblems(
  tenant: string,
  source: string,
  connections: readonly Connection[],
): readonly string[] {
  const connection = connections.find(({ name }) => name === source);
  if (connection === undefined)
    return [`tenant ${tenant} uses the connection ${source}, which spec.connections does not have`];
  return connection.role === "source"
    ? []
    : [`tenant ${tenant} uses ${source} as a source, but its driver ${connection.driver} is none`];
}

function tenantName(entry: unknown): string | undefined {
  const tenant = isRecord(entry) ? entry["tenant"] : undefined;
  const name = isRecord(tenant) ? tenant["name"] : undefined;
  return typeof name === "string" && name !== "" ? name : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
