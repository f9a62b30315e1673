/** The pure door for writing a resource definition: schema words, the CRD and the parser. */
export {
  type CrdDefinition,
  type CrdOptions,
  defineCrd,
  type Leaf,
  type PrinterColumn,
  type Resource,
  type ResourceMetadata,
} from "./define-crd.ts";
export { referenceOf, undocumented } from "./reference.ts";
export { statusSchema } from "./status-schema.ts";
export type { StructuralSchema } from "./structural.ts";
export {
  atMostOneOf,
  cel,
  dnsLabel,
  dnsSubdomain,
  doc,
  duration,
  exactlyOneOf,
  hostName,
  image,
  immutable,
  intOrString,
  listMap,
  map,
  opaque,
  port,
  quantity,
  set,
} from "./vocabulary.ts";
