/**
 * Power beyond the namespace, as data: an application declares what there is, an administrator grants it at install,
 * the line is handed what was granted. What a name means only the application knows. Pure.
 */

/** What was granted, by name: a switch is `true`, a list has its values. What is absent is not granted. */
export type Grants = Readonly<Record<string, true | readonly string[]>>;

export interface Grant {
  /** `raw-device`: key in `Grants`, and part of the flag. */
  readonly name: string;
  /**
   * `refusable`: granted unless `--no-<name>`. `allowable`: granted by `--allow-<name>`.
   * `listed`: the values of `--allow-<name> <value...>`.
   */
  readonly form: "refusable" | "allowable" | "listed";
  /** One line for `--help`. */
  readonly help: string;
  /** Values that `render` takes as granted where the files say nothing; only for lists. Default: none. */
  readonly offline?: readonly string[];
}

/** What an install without any flag grants. */
export function defaultGrants(declared: readonly Grant[]): Grants {
  return Object.fromEntries(
    declared.flatMap(({ name, form }) => (form === "refusable" ? [[name, true] as const] : [])),
  );
}
