/** What a later release will do: refused with what to set instead, never ignored. Pure. */
import { daemons } from "./daemons.ts";
import { defaultZuulVersion, type ZuulSpec } from "./spec.ts";

/** One sentence for each; empty when this release can do all that is asked. */
export function unsupported(spec: ZuulSpec): readonly string[] {
  const { database, zuulLauncher, registry, preview } = spec;
  const isOn = (service: { readonly count: number } | undefined): boolean => (service?.count ?? 0) > 0;
  return [
    ...(database?.secretName === undefined && database?.mode === undefined
      ? [
          "spec.database is omitted, and a database cluster made by the operator is not supported yet: " +
            "set {secretName} of a Secret with the URL of a database, or {mode: single}",
        ]
      : []),
    ...(isOn(zuulLauncher)
      ? ["spec.zuulLauncher is not supported yet: set its count to 0 and use launcher (Nodepool)"]
      : []),
    ...(isOn(registry)
      ? ["spec.registry is not supported yet: set its count to 0 and run zuul-registry on its own"]
      : []),
    ...(isOn(preview)
      ? ["spec.preview is not supported yet: set its count to 0 and run zuul-preview on its own"]
      : []),
    ...versionsOf(spec)
      .filter(([, version]) => (majorOf(version) ?? supportedMajor) !== supportedMajor)
      .map(
        ([field, version]) =>
          `spec.${field} ${version}: a change of Zuul's major version is not supported yet: ` +
          `set a ${supportedMajor}.x release`,
      ),
  ];
}

/** Where a release is named: the field for all programs, and tags of published images; others number as they like. */
function versionsOf(spec: ZuulSpec): readonly (readonly [field: string, version: string])[] {
  const tags = daemons.flatMap((daemon) => {
    const published = `${spec.imagePrefix}/zuul-${daemon}:`;
    const image = spec[daemon].image ?? "";
    return image.startsWith(published) ? [[`${daemon}.image`, image.slice(published.length)] as const] : [];
  });
  return [["version", spec.version], ...tags];
}

const supportedMajor = majorOf(defaultZuulVersion);

/** Absent for tags that are no version, such as `latest`. */
function majorOf(version: string): string | undefined {
  return /^(\d+)\.\d/.exec(version)?.[1];
}
