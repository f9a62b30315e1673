/** One zod spec becomes the CRD, the parser and the reference: nothing about a resource is written down twice. Pure. */
import { z } from "zod";
import type { Json, Manifest } from "../model/manifest.ts";
import { Blocked } from "../model/outcome.ts";
import { remembering } from "../model/recent.ts";
import { blockedBySpec } from "../model/spec-error.ts";
import { problemsOf } from "./problems.ts";
import { strictProblems } from "./strict.ts";
import { type StructuralSchema, structuralOf } from "./structural.ts";
import { quantityPattern } from "./vocabulary.ts";

export interface PrinterColumn {
  readonly name: string;
  readonly type: "string" | "integer" | "number" | "boolean" | "date";
  readonly jsonPath: string;
  readonly description?: string;
  readonly priority?: number;
}

export interface CrdOptions<Spec extends z.ZodType, Status extends z.ZodType> {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly scope: "Namespaced";
  readonly version: string;
  readonly spec: Spec;
  readonly status: Status;
  readonly printerColumns: readonly PrinterColumn[];
  readonly scale?: {
    readonly specReplicasPath: string;
    readonly statusReplicasPath: string;
    readonly labelSelectorPath?: string;
  };
  /** JSON paths such as `.spec.config`. */
  readonly selectableFields?: readonly string[];
  /** Longest name, so that names of children stay readable; default 52. */
  readonly maxNameLength?: number;
}

/** Metadata of a resource as far as a line needs it. `uid` is absent offline. */
export interface ResourceMetadata {
  readonly name: string;
  readonly namespace: string;
  readonly uid?: string;
  readonly generation?: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Resource<Spec> {
  readonly metadata: ResourceMetadata;
  readonly spec: Spec;
}

/** One field of the spec, for the reference page and for tables that must name every field. */
export interface Leaf {
  /** `executor.count`; list entries as `[]`, map entries as `*`. */
  readonly path: string;
  readonly description: string;
  readonly type: string;
  readonly default?: Json;
  readonly isRequired: boolean;
}

export interface CrdDefinition<Spec = unknown> {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly version: string;
  readonly apiVersion: string;
  /**
   * Typed resource with defaults filled, frozen. A member that is null counts as absent, as the API server has it.
   * @throws Blocked `InvalidSpec` that names every bad field at once
   */
  parse(raw: unknown): Resource<Spec>;
  toCrd(): Manifest;
  leaves(): readonly Leaf[];
  readonly specSchema: z.ZodType<Spec>;
  readonly structural: { readonly spec: StructuralSchema; readonly status: StructuralSchema };
}

/** etcd and OLM take about 1 MiB; a CRD that nobody can read is wrong long before. */
const maxCrdBytes = 300 * 1024;

export function defineCrd<Spec extends z.ZodType, Status extends z.ZodType>(
  options: CrdOptions<Spec, Status>,
): CrdDefinition<z.output<Spec>> {
  const { group, kind, plural, version } = options;
  const structural = {
    spec: structuralOf(options.spec, "spec"),
    status: structuralOf(options.status, "status"),
  };
  // Most passes read the spec of the pass before.
  const parseSpec = remembering((given: unknown) => specOf(options, structural.spec, given));
  return {
    group,
    kind,
    plural,
    version,
    apiVersion: `${group}/${version}`,
    structural,
    specSchema: options.spec as unknown as z.ZodType<z.output<Spec>>,
    parse: (raw) => parseResource(options, parseSpec, raw),
    toCrd: () => crdOf(options, structural),
    leaves: () => leavesOf(structural.spec, "", true),
  };
}

const envelope = z.object({
  apiVersion: z.string().optional(),
  kind: z.string().optional(),
  metadata: z.object({
    name: z.string(),
    namespace: z.string().optional(),
    uid: z.string().optional(),
    generation: z.number().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
  spec: z.unknown(),
});

/** What is said of a name that does not fit `resourceName`: by the parser, and by the server. */
const nameSentence =
  'metadata.name: must begin with a letter and hold only lower-case letters, digits, "-" and ".", as the names of Services begin with it';

/** A name that the server takes for a resource, and, with more behind it, for a Service. */
const resourceName = /^[a-z]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function parseResource<Spec extends z.ZodType, Status extends z.ZodType>(
  { group, version, kind, maxNameLength = 52 }: CrdOptions<Spec, Status>,
  parseSpec: (given: unknown) => z.output<Spec>,
  raw: unknown,
): Resource<z.output<Spec>> {
  const outer = envelope.safeParse(raw);
  if (!outer.success) throw blockedBySpec(outer.error);
  const { metadata, spec: given = {}, apiVersion, kind: givenKind } = outer.data;
  if ((apiVersion ?? `${group}/${version}`) !== `${group}/${version}` || (givenKind ?? kind) !== kind) {
    throw new Blocked("InvalidSpec", `Expected ${group}/${version} ${kind}, got ${apiVersion} ${givenKind}`);
  }
  if (!resourceName.test(metadata.name)) throw new Blocked("InvalidSpec", nameSentence);
  if (metadata.name.length > maxNameLength) {
    throw new Blocked(
      "InvalidSpec",
      `metadata.name: has ${metadata.name.length} characters, at most ${maxNameLength} leave room for the names of children`,
    );
  }
  const { namespace = "default", labels = {}, annotations = {}, uid, generation, name } = metadata;
  return deepFreeze({
    metadata: {
      name,
      namespace,
      labels,
      annotations,
      ...(uid === undefined ? {} : { uid }),
      ...(generation === undefined ? {} : { generation }),
    },
    spec: parseSpec(given),
  });
}

function specOf<Spec extends z.ZodType, Status extends z.ZodType>(
  { spec }: CrdOptions<Spec, Status>,
  structural: StructuralSchema,
  given: unknown,
): z.output<Spec> {
  const cleaned = withoutNulls(given, structural);
  const strict = strictProblems(structural, cleaned, ["spec"]);
  const parsed = spec.safeParse(cleaned);
  const seen = new Set(strict.map(({ path }) => path.join("\0")));
  const problems = parsed.success ? [] : parsed.error.issues.flatMap((issue) => problemsOf(issue, ["spec"]));
  const issues = [...strict, ...problems.filter(({ path }) => !seen.has(path.join("\0")))].map(
    ({ path, message }) => ({ code: "custom" as const, path: [...path], message, input: undefined }),
  );
  if (!parsed.success || issues.length > 0) throw blockedBySpec(new z.ZodError(issues));
  return deepFreeze(parsed.data);
}

/** Null is absence, and a quantity given as a number is text; except inside what the schema keeps as written. */
function withoutNulls(value: unknown, schema: StructuralSchema | undefined): unknown {
  if (schema?.["x-kubernetes-preserve-unknown-fields"] === true) return value;
  if (typeof value === "number" && schema?.pattern === quantityPattern) return String(value);
  if (Array.isArray(value)) return value.map((entry) => withoutNulls(entry, schema?.items));
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== null && member !== undefined);
  return Object.fromEntries(
    members.map(([name, member]) => [
      name,
      withoutNulls(member, schema?.properties?.[name] ?? schema?.additionalProperties),
    ]),
  );
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
}

function crdOf<Spec extends z.ZodType, Status extends z.ZodType>(
  options: CrdOptions<Spec, Status>,
  structural: { readonly spec: StructuralSchema; readonly status: StructuralSchema },
): Manifest {
  const {
    group,
    kind,
    plural,
    version,
    scope,
    shortNames = [],
    categories = [],
    printerColumns,
    scale,
    selectableFields = [],
  } = options;
  const { maxNameLength = 52 } = options;
  const crd: Manifest = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}`, labels: { "app.kubernetes.io/part-of": kind.toLowerCase() } },
    spec: {
      group,
      scope,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        ...(shortNames.length === 0 ? {} : { shortNames }),
        ...(categories.length === 0 ? {} : { categories }),
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          additionalPrinterColumns: printerColumns,
          ...(selectableFields.length === 0
            ? {}
            : { selectableFields: selectableFields.map((jsonPath) => ({ jsonPath })) }),
          subresources: { status: {}, ...(scale === undefined ? {} : { scale }) },
          schema: {
            openAPIV3Schema: {
              type: "object",
              description: `${kind}, version ${version}.`,
              required: ["spec"],
              properties: {
                apiVersion: { type: "string" },
                kind: { type: "string" },
                metadata: { type: "object" },
                spec: structural.spec,
                status: structural.status,
              },
              "x-kubernetes-validations": [
                // The rest of `resourceName` is the server's own rule for every name.
                { rule: "self.metadata.name.matches('^[a-z]')", message: nameSentence },
                {
                  rule: `size(self.metadata.name) <= ${maxNameLength}`,
                  message: `a name has at most ${maxNameLength} characters, which leaves room for the names of children`,
                },
              ],
            },
          },
        },
      ],
    },
  };
  const bytes = JSON.stringify(crd).length;
  if (bytes > maxCrdBytes)
    throw new Error(`The CRD of ${kind} has ${bytes} bytes, at most ${maxCrdBytes} are sensible`);
  return JSON.parse(JSON.stringify(crd)) as Manifest;
}

function leavesOf(schema: StructuralSchema, path: string, isRequired: boolean): readonly Leaf[] {
  const members = Object.entries(schema.properties ?? {});
  if (members.length > 0) {
    return members.flatMap(([name, member]) =>
      leavesOf(
        member,
        path === "" ? name : `${path}.${name}`,
        isRequired && (schema.required?.includes(name) ?? false),
      ),
    );
  }
  if (schema.items?.properties !== undefined) return leavesOf(schema.items, `${path}[]`, isRequired);
  if (schema.additionalProperties?.properties !== undefined)
    return leavesOf(schema.additionalProperties, `${path}.*`, isRequired);
  return [
    {
      path,
      description: schema.description ?? "",
      type: typeName(schema),
      isRequired,
      ...(schema.default === undefined ? {} : { default: schema.default }),
    },
  ];
}

function typeName(schema: StructuralSchema): string {
  if (schema["x-kubernetes-int-or-string"] === true) return "quantity";
  if (schema.enum !== undefined) return schema.enum.map(String).join(" | ");
  if (schema.items !== undefined) return `list of ${typeName(schema.items)}`;
  if (schema.additionalProperties !== undefined) return `map of ${typeName(schema.additionalProperties)}`;
  return schema.type ?? "any";
}
