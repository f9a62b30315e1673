/** Through what step 2 reads and generates. Types. */
import type { ReferenceReader } from "@zuul-pulp/k8s-core/model";

/**
 * An offline reader sets `placeholders`: a generated Secret that is not there gets `***`, or that text, for every key.
 */
export type ResolveReader = ReferenceReader & { readonly placeholders?: boolean | string };
