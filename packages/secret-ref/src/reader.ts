/** Through what step 2 reads and generates. Types. */
import type { ReferenceReader } from "@zuul-pulp/k8s-core/model";

/** What step 2 is given: a live reader, or one for rendering without a cluster. */
export interface ResolveReader extends ReferenceReader {
  /**
   * Stands for every value that would be generated; no certificate is made or renewed. `render` shows `***`.
   * Default: values are generated, once.
   */
  readonly standIn?: string;
}
