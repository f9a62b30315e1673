/**
 * Nodepool's secure file: what may not stand in nodepool.yaml, merged on top of it by Nodepool itself. Pure.
 */
import { YamlMap } from "./yaml-value.ts";
import { writeYaml } from "./yaml-write.ts";

/**
 * Variables per image, cut to the images that a part holds: an entry for any other image is fatal to
 * Nodepool. The text holds the values: seal it at once.
 *
 * @param diskimages `diskimages` of a shard or of the builders' part
 * @see Nodepool 11 reference, "Configuration", secure configuration
 */
export function renderSecureFile(
  diskimages: readonly string[],
  envVars: ReadonlyMap<string, ReadonlyMap<string, string>>,
): string {
  const images = diskimages
    .toSorted()
    .map((name) => [name, envVars.get(name)] as const)
    .flatMap(([name, variables]) =>
      variables === undefined
        ? []
        : [
            new YamlMap([
              ["name", name],
              ["env-vars", new YamlMap(variables)],
            ]),
          ],
    );
  return writeYaml(new YamlMap(images.length === 0 ? [] : [["diskimages", images]]));
}

/** Images that have variables but are in no list: to be told to the user, since they take effect nowhere. */
export function unknownImages(
  diskimages: readonly string[],
  envVars: ReadonlyMap<string, unknown>,
): readonly string[] {
  return [...envVars.keys()].filter((name) => !diskimages.includes(name)).toSorted();
}
