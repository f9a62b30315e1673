/** An image as data. The builder (build.ts) is the only reader; nothing in a recipe is a shell line. Pure. */

export interface Recipe {
  /** Short name, the key of `ensureImages`. */
  readonly name: string;
  readonly version: string;
  /** Every name under which the operators look for it, without prefix; the version is the tag. */
  readonly aliases?: readonly string[];
  /** `debootstrap` makes the base itself, `scratch` begins empty; an image of a registry is pulled. */
  readonly from: "debootstrap" | "base" | "scratch" | { readonly pulled: string };
  /** Created before any package, so that a package's own script finds the uid of the published image. */
  readonly users?: readonly {
    readonly name: string;
    readonly id: number;
    readonly gid?: number;
    readonly home: string;
  }[];
  readonly packages?: readonly string[];
  readonly environments?: readonly PythonEnvironment[];
  /** Written after packages and environments, owner root. */
  readonly files?: readonly { readonly path: string; readonly mode: number; readonly content: string }[];
  /** Written before packages are installed, to steer their install scripts. */
  readonly presets?: readonly { readonly path: string; readonly content: string }[];
  readonly directories?: readonly { readonly path: string; readonly owner: string; readonly mode: string }[];
  /** `[link, target]`; a link may hold one `*` in its target: each match gets a link in the folder `link`. */
  readonly links?: readonly (readonly [link: string, target: string])[];
  /** Commands run inside, each one argv. */
  readonly run?: readonly (readonly string[])[];
  /** Glob patterns, relative to the image's root, removed at the end. */
  readonly remove?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly entrypoint?: readonly string[];
  /** Files of this machine copied in: `[source, destination]`. Their content counts in the hash. */
  readonly copies?: readonly (readonly [source: string, destination: string])[];
  /** Rough cold time on two cores, for the progress line. */
  readonly minutes: number;
}

/** A virtual environment, installed from a complete lock file (`pip --no-deps`). */
export interface PythonEnvironment {
  readonly path: string;
  /** File name under `lock/`. */
  readonly lock: string;
  /** False leaves byte code out: smaller, slower at first import. */
  readonly compile?: boolean;
}

export const prefix = "localhost/zuul-pulp";
