/** Flags by which an administrator grants what the application declares, and what they come to. */
import type { Command } from "commander";
import type { Grant, Grants } from "../model/grant.ts";

/** `--no-raw-device`, `--allow-raw-device`. */
export function grantFlag({ name, form }: Grant): string {
  return form === "refusable" ? `--no-${name}` : `--allow-${name}`;
}

/** How commander, and the values of the chart, spell it: `rawDevice`, `allowRawDevice`. */
export function grantAttribute({ name, form }: Grant): string {
  const words = form === "refusable" ? name : `allow-${name}`;
  return words.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

export function addGrantFlags(command: Command, declared: readonly Grant[]): Command {
  for (const grant of declared)
    command.option(`${grantFlag(grant)}${grant.form === "listed" ? " <value...>" : ""}`, grant.help);
  return command;
}

/** @param options as commander read them */
export function grantsOf(declared: readonly Grant[], options: object): Grants {
  const given = new Map<string, unknown>(Object.entries(options));
  return Object.fromEntries(
    declared.flatMap((grant): readonly (readonly [string, true | readonly string[]])[] => {
      const value = given.get(grantAttribute(grant));
      switch (grant.form) {
        case "refusable":
          return value === false ? [] : [[grant.name, true]];
        case "allowable":
          return value === true ? [[grant.name, true]] : [];
        case "listed":
          return Array.isArray(value) ? [[grant.name, value.map(String)]] : [];
        default:
          return grant.form satisfies never;
      }
    }),
  );
}

/** The same grants as arguments of `run`. */
export function grantArgs(declared: readonly Grant[], grants: Grants): readonly string[] {
  return declared.flatMap((grant) => {
    const given = grants[grant.name];
    if (grant.form === "refusable") return given === undefined ? [grantFlag(grant)] : [];
    if (given === undefined) return [];
    return given === true ? [grantFlag(grant)] : given.flatMap((value) => [grantFlag(grant), value]);
  });
}

/** Offline nobody can have been asked: what an application would only refuse is rendered, and it warns. */
export function offlineGrants(declared: readonly Grant[], grants: Grants): Grants {
  const assumed = declared.flatMap(({ name, offline }) =>
    offline === undefined || name in grants ? [] : [[name, offline] as const],
  );
  return { ...grants, ...Object.fromEntries(assumed) };
}
