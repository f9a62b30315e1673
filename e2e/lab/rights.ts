/** Which rights an operator was given, and which it used, as the audit log of the API server has it. */
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { PolicyRule } from "@zuul-pulp/k8s-core";
import type { Cluster } from "../cluster/cluster.ts";
import { wholeLines } from "./audit.ts";
import { field, word } from "./look.ts";

/** `patch boards.example.zuul-pulp.io/status`, one for each pair of verb and resource, sorted. */
export function pairsOf(rules: readonly PolicyRule[]): readonly string[] {
  const pairs = rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => pairOf(verb, group, resource))),
    ),
  );
  return [...new Set(pairs)].sort();
}

export interface Used {
  readonly pairs: ReadonlySet<string>;
  /** What the server did not allow, with the namespace. */
  readonly denied: readonly string[];
}

/** @param login name under which the operators ran; of other programs of the same account nothing counts */
export async function rightsUsed(cluster: Cluster, login: RegExp, program: string): Promise<Used> {
  if (cluster.auditLog === undefined) throw new Error("this cluster keeps no audit log");
  const pairs = new Set<string>();
  const denied = new Set<string>();
  const folder = dirname(cluster.auditLog);
  // The server begins a new file when one is full.
  for (const name of await readdir(folder)) {
    if (!/^audit.*\.log$/.test(name)) continue;
    for await (const line of wholeLines(join(folder, name))) {
      if (!line.includes(program)) continue;
      const event: unknown = JSON.parse(line);
      if (!word(event, "userAgent").startsWith(program) || !login.test(word(event, "user", "username")))
        continue;
      const [subresource, resource] = ["subresource", "resource"].map((one) => word(event, "objectRef", one));
      if (resource === undefined || resource === "") continue;
      const group = word(event, "objectRef", "apiGroup");
      const whole = subresource === "" ? resource : `${resource}/${subresource}`;
      const pair = pairOf(word(event, "verb"), group, whole);
      if (field(event, "annotations", "authorization.k8s.io/decision") === "forbid")
        denied.add(`${pair} in ${word(event, "objectRef", "namespace")}`);
      else pairs.add(pair);
      // The server asks for a second right when an apply creates.
      if (field(event, "responseStatus", "code") === 201) pairs.add(pairOf("create", group, whole));
    }
  }
  return { pairs, denied: [...denied].sort() };
}

function pairOf(verb: string, group: string, resource: string): string {
  const [plural = "", ...rest] = resource.split("/");
  return `${verb} ${[group === "" ? plural : `${plural}.${group}`, ...rest].join("/")}`;
}
