/** Which room may import which door (design section 3). The one table; `layers.test.ts` holds everything against it. Pure. */

export interface Layer {
  /** Folder from the root. */
  readonly room: string;
  /** Workspace doors that its sources may name, each exactly. Tests beside the source may name `testDoors` too. */
  readonly doors: readonly string[];
  readonly testDoors?: readonly string[];
  /** Node's modules and globals for I/O are refused; `node:crypto` hashes are allowed everywhere. */
  readonly isPure?: boolean;
}

const model = "@zuul-pulp/k8s-core/model";
const crd = "@zuul-pulp/k8s-core/crd";
const memory = "@zuul-pulp/secret-ref/memory";
const below = [model, crd, "@zuul-pulp/secret-ref", "@zuul-pulp/constructs"];
const shell = ["@zuul-pulp/k8s-core", "@zuul-pulp/k8s-core/cli", model, crd, "@zuul-pulp/secret-ref"];

export const layers: readonly Layer[] = [
  { room: "packages/k8s-core", doors: [] },
  { room: "packages/secret-ref", doors: [model, crd] },
  { room: "packages/config-sharder", doors: [model, crd], isPure: true },
  { room: "packages/constructs", doors: [model, crd, "@zuul-pulp/secret-ref"], isPure: true },
  {
    room: "packages/zuul",
    doors: [...below, "@zuul-pulp/config-sharder"],
    testDoors: [memory],
    isPure: true,
  },
  { room: "packages/pulp", doors: below, isPure: true },
  { room: "apps/zuul-operator", doors: [...shell, "@zuul-pulp/zuul"] },
  { room: "apps/pulp-operator", doors: [...shell, "@zuul-pulp/pulp"] },
  { room: "examples/board-operator", doors: [...shell, "@zuul-pulp/constructs"] },
];

/** Node modules that a pure room may name: they compute, they do not reach out. */
export const pureNodeModules: readonly string[] = ["node:crypto", "node:buffer"];
