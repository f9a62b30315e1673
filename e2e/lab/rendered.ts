/** What `render -f` shows for one resource and what it refers to. I/O: a file in a folder of its own. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Rendered, renderFiles } from "@zuul-pulp/k8s-core/cli";
import { defaultGrants } from "@zuul-pulp/k8s-core/model";
import { stringify } from "yaml";
import type { Product } from "./product.ts";

export async function rendered(
  { operator, references, manifest }: Pick<Product, "operator" | "references" | "manifest">,
  namespace: string,
  name: string,
): Promise<Rendered> {
  const documents = [...references.map(([, one]) => one), manifest(name)].map((one) => ({
    ...one,
    metadata: { ...one.metadata, namespace },
  }));
  const folder = await mkdtemp(join(tmpdir(), "zuul-pulp-rendered-"));
  try {
    const file = join(folder, "resource.yaml");
    await writeFile(file, documents.map((one) => stringify(one)).join("---\n"));
    return await renderFiles(operator, { filename: [file] }, defaultGrants(operator.grants));
  } finally {
    await rm(folder, { recursive: true });
  }
}
