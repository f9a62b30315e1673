/**
 * From constructs to manifests, in memory: nothing is written anywhere. Pure.
 *
 * One App and one Chart per stage; many charts in one App cost more than their number.
 */
import { type Gate, type Manifest, objectId, refOf, type Stage } from "@zuul-pulp/k8s-core/model";
import { App, Chart } from "cdk8s";
import type { Construct } from "constructs";

export interface SynthesisProps {
  /** Stamped on every object. */
  readonly namespace: string;
}

/**
 * Runs `build` on an empty chart and returns its objects in the order in which they were made (dependencies first).
 * Same constructs, same bytes. Empty lists and maps are dropped, except where they mean something.
 * @throws Error when two objects have one kind and name
 */
export function synthesize(build: (scope: Construct) => void, { namespace }: SynthesisProps): Manifest[] {
  const chart = new Chart(new App({ outdir: "unused", recordConstructMetadata: false }), "chart", {
    namespace,
  });
  build(chart);
  const manifests = chart.toJson().map(settle);
  refuseDuplicates(manifests);
  return manifests;
}

export interface StageBuild {
  readonly name: string;
  readonly gate?: Gate;
  readonly build: (scope: Construct) => void;
}

/** Stages of a plan; a stage without objects is left out unless it has a gate that later ones stand behind. */
export function synthesizeStages(stages: readonly StageBuild[], props: SynthesisProps): Stage[] {
  const built = stages.map(({ name, gate, build }) => ({
    name,
    ...(gate === undefined ? {} : { gate }),
    manifests: synthesize(build, props),
  }));
  refuseDuplicates(built.flatMap(({ manifests }) => manifests));
  return built;
}

function refuseDuplicates(manifests: readonly Manifest[]): void {
  const seen = new Set<string>();
  for (const manifest of manifests) {
    const id = objectId(refOf(manifest));
    if (seen.has(id)) throw new Error(`two objects are named ${id}`);
    seen.add(id);
  }
}

function settle(object: unknown): Manifest {
  const manifest = parseManifest(object);
  const withData = manifest.kind === "Secret" ? secretData(manifest) : manifest;
  return parseManifest(tidy(withData, isBuiltIn(manifest.apiVersion)));
}

/** cdk8s hands out `any`; what comes out of ApiObject always has these members. */
function parseManifest(object: unknown): Manifest {
  if (isManifest(object)) return object;
  throw new Error("an object in the chart has no apiVersion, kind or metadata.name");
}

function isManifest(object: unknown): object is Manifest {
  if (!isRecord(object) || !isRecord(object["metadata"])) return false;
  return [object["apiVersion"], object["kind"], object["metadata"]["name"]].every(
    (text) => typeof text === "string" && text !== "",
  );
}

/** The server never gives `stringData` back, so a key removed from it would stay for ever. */
function secretData(manifest: Manifest): Record<string, unknown> {
  const { stringData, data, ...rest } = manifest;
  const encoded = Object.entries(isRecord(stringData) ? stringData : {}).map(([key, text]) => [
    key,
    Buffer.from(String(text), "utf8").toString("base64"),
  ]);
  return { ...rest, data: { ...(isRecord(data) ? data : {}), ...Object.fromEntries(encoded) } };
}

/** cdk8s-plus marks pods with a hash of the construct path, which a refactoring would change. */
const pathLabel = "cdk8s.io/metadata.addr";

/** Empty here means "all" or "a folder", not "nothing". */
const meaningfulWhenEmpty = new Set(["emptyDir", "podSelector", "namespaceSelector"]);

/**
 * Keys in order, without path label, nulls and (for kinds whose empties mean nothing) empty members: a first apply of
 * `[]` or `{}` would claim a field that we do not mean. Elements of lists stay, as `{}` may be a rule. One walk, as
 * this runs for every object in every pass.
 */
function tidy(value: unknown, dropsEmpties: boolean): unknown {
  if (Array.isArray(value)) return value.map((element) => tidy(element, dropsEmpties));
  if (!isRecord(value)) return value;
  const kept: Record<string, unknown> = {};
  for (const key of Object.keys(value).sort(byCodeUnit)) {
    if (key === pathLabel) continue;
    const member = tidy(value[key], dropsEmpties);
    if (member === undefined || member === null) continue;
    if (dropsEmpties && isEmpty(member) && !meaningfulWhenEmpty.has(key)) continue;
    kept[key] = member;
  }
  return kept;
}

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (!isRecord(value)) return false;
  for (const _ in value) return false;
  return true;
}

/** Objects of other operators are left as written: there an empty section may switch something on. */
function isBuiltIn(apiVersion: string): boolean {
  const [group = ""] = apiVersion.split("/");
  return !apiVersion.includes("/") || !group.includes(".") || group.endsWith(".k8s.io");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
