/**
 * What one request of an operator asks, as a key that is the same in every run: verb, resource and name, with the name
 * of the custom resource masked as `@`. Which of several requests with one key is meant says an ordinal. Pure.
 */
export type Verb = "get" | "list" | "watch" | "create" | "apply" | "dry-run" | "patch" | "update" | "delete";

export interface Call {
  readonly verb: Verb;
  /** `deployments`, `zuuls/status`; `secrets+names` for a watch or list of metadata only. */
  readonly resource: string;
  readonly name: string;
  /** Of the object; `deployments` also where the call is for a subresource. */
  readonly plural: string;
  readonly key: string;
}

export interface RawCall {
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  readonly accept: string;
  readonly contentType: string;
  readonly body: string;
}

/** @param resource name of the custom resource that the scenario is about */
export function callOf(raw: RawCall, resource: string): Call {
  const [path = "", query = ""] = raw.path.split("?");
  const parameters = new URLSearchParams(query);
  const { plural, name: inPath, subresource } = placeOf(path);
  const verb = verbOf(raw, parameters, inPath);
  const isNames = verb !== "create" && raw.accept.includes("PartialObjectMetadata");
  const suffix = isNames ? "+names" : subresource === "" ? "" : `/${subresource}`;
  const name = raw.body !== "" && (inPath === "" || plural === "events") ? nameIn(raw.body, plural) : inPath;
  const where = `${plural}${suffix}`;
  const key = [verb, where, maskedName(name, resource)].filter((part) => part !== "").join(" ");
  return { verb, resource: where, name, plural, key };
}

export const writing: ReadonlySet<Verb> = new Set(["create", "apply", "patch", "update", "delete"]);

function verbOf({ method, contentType }: RawCall, parameters: URLSearchParams, name: string): Verb {
  if (method === "GET") return parameters.get("watch") === "1" ? "watch" : name === "" ? "list" : "get";
  if (parameters.get("dryRun") === "All") return "dry-run";
  if (method === "POST") return "create";
  if (method === "PUT") return "update";
  if (method === "DELETE") return "delete";
  return contentType.startsWith("application/apply-patch") ? "apply" : "patch";
}

/** `/apis/apps/v1/namespaces/n/deployments/x/status`, `/api/v1/namespaces/n/secrets`. */
function placeOf(path: string): { plural: string; name: string; subresource: string } {
  const parts = path.split("/").filter((part) => part !== "");
  const root = parts[0] === "api" ? 2 : 3;
  const rest = parts.slice(root);
  const inside = rest[0] === "namespaces" && rest.length > 2 ? rest.slice(2) : rest;
  const [plural = "", name = "", subresource = ""] = inside;
  return { plural, name, subresource };
}

/** An event has a random name; what tells it from others is its reason. */
function nameIn(body: string, plural: string): string {
  const parsed: unknown = JSON.parse(body);
  const at = (value: unknown, member: string): unknown =>
    typeof value === "object" && value !== null ? Reflect.get(value, member) : undefined;
  const found = plural === "events" ? at(parsed, "reason") : at(at(parsed, "metadata"), "name");
  return typeof found === "string" ? found : "";
}

/**
 * A Job carries a hash of its inputs in its name, and generated keys are among them; a claim of a StatefulSet has the
 * resource's name in the middle.
 */
export function maskedName(name: string, resource: string): string {
  if (name === "" || resource === "") return name;
  return name.replace(new RegExp(`(?<=^|-)${resource}(?=-|$)`), "@").replace(/-[0-9a-f]{8,}$/, "-#");
}
