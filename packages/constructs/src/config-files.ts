/** Files without secrets, as one ConfigMap. Pure. */
import type { V1ConfigMap } from "@kubernetes/client-node";
import { Blocked } from "@zuul-pulp/k8s-core/model";
import { Construct } from "constructs";
import { type Member, objectLabels } from "./member.ts";
import { TypedObject } from "./typed-object.ts";

export interface ConfigFilesProps {
  readonly name: string;
  readonly member: Member;
  /** Content by file name. */
  readonly files: Readonly<Record<string, string>> | ReadonlyMap<string, string>;
}

/** The server stores 1 MiB in all, key names included; the rest is left for metadata. */
const maxBytes = 900 * 1024;

/** @throws Blocked `ConfigTooLarge` when the files do not fit into one ConfigMap */
export class ConfigFiles extends Construct {
  constructor(scope: Construct, id: string, { name, member, files }: ConfigFilesProps) {
    super(scope, id);
    const data: Record<string, string> = Object.fromEntries(entriesOf(files));
    const sizeBytes = Object.entries(data).reduce(
      (sum, [key, text]) => sum + key.length + Buffer.byteLength(text),
      0,
    );
    if (sizeBytes > maxBytes)
      throw new Blocked(
        "ConfigTooLarge",
        `Cannot store the files of ${name}: they have ${sizeBytes} bytes, a ConfigMap holds ${maxBytes}`,
      );
    new TypedObject(this, "files", {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name, labels: objectLabels(member) },
      data,
    } satisfies V1ConfigMap);
  }
}

function entriesOf(files: ConfigFilesProps["files"]): Iterable<readonly [string, string]> {
  return isMap(files) ? files : Object.entries(files);
}

function isMap(files: ConfigFilesProps["files"]): files is ReadonlyMap<string, string> {
  return files instanceof Map;
}
