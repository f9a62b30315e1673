/** The two operators with the example resource that the scenarios begin with. Data. */
import { type Product, products } from "../../e2e/lab/product.ts";

/** @throws Error when there is no such operator */
export function productOf(operator: "zuul" | "pulp"): Product {
  const product = products.find(({ app }) => app === `${operator}-operator`);
  if (product === undefined) throw new Error(`there is no operator ${operator}`);
  return operator === "pulp" ? withoutNodePort(product) : product;
}

/** A simulated node has no address, so a Pulp behind a NodePort would wait for one for ever. */
function withoutNodePort(product: Product): Product {
  return {
    ...product,
    manifest: (name) => {
      const manifest = product.manifest(name);
      return { ...manifest, spec: { ...Object(manifest["spec"]), expose: { type: "ClusterIP" } } };
    },
  };
}
