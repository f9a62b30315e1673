/** `report NAME`: one zip for a bug report, with objects, events and logs of a resource and no secret value. */
import { writeFileSync } from "node:fs";
import { strToU8, zipSync } from "fflate";
import { stringify } from "yaml";
import { fields, list, text } from "../json.ts";
import { type KindSpec, kinds } from "../kinds.ts";
import { labelValue } from "../model/labels.ts";
import type { LiveObject } from "../model/manifest.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";
import type { OperatorDefinition } from "./operator.ts";
import { resourceKind } from "./resource-kind.ts";
import { scrubbed, secretValues, shareable } from "./scrub.ts";
import { type ConnectionFlags, openSession, type Session } from "./session.ts";
import { reportOf } from "./status.ts";
import { type Paint, statusText } from "./status-view.ts";

export interface ReportOptions extends ConnectionFlags {
  readonly kind?: string;
  readonly file?: string;
}

const logLines = 500;

export async function report(
  operator: OperatorDefinition,
  name: string,
  options: ReportOptions,
): Promise<void> {
  using session = await openSession(options, `${operator.name}/${operator.version} (report)`);
  const files = await filesOf(session, operator, resourceKind(operator, options.kind), name);
  const file = options.file ?? `${name}-report.zip`;
  const packed = zipSync(Object.fromEntries([...files].map(([path, content]) => [path, strToU8(content)])), {
    mtime: "2026-01-01",
  });
  try {
    writeFileSync(file, packed, { flag: "wx", mode: 0o600 });
  } catch (error) {
    throw new CommandError(
      exitCodes.refused,
      `Cannot write ${file}: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
  process.stderr.write(
    `${files.size} files, values of Secrets replaced by ***; read them before you share them\n`,
  );
  process.stdout.write(`${file}\n`);
}

/** Path in the zip to text; every secret value that is known in the namespace is replaced. */
export async function filesOf(
  session: Session,
  operator: OperatorDefinition,
  kind: KindSpec,
  name: string,
): Promise<ReadonlyMap<string, string>> {
  const { client, namespace } = session;
  const labels = { "app.kubernetes.io/instance": labelValue(name) };
  const view = await reportOf(session, kind, name);
  const owned = operator.controllers.find(({ resource }) => resource.kind === kind.kind)?.owns ?? [];
  const found = await Promise.all([kinds.Pod, ...owned].map((one) => ownedObjects(session, one, labels)));
  const objects = found.flat();
  const secrets = secretValues((await client.list(kinds.Secret, namespace)).items);
  const plain: Paint = (_tone, words) => words;
  const files = new Map([
    [
      "about.txt",
      `${operator.name} ${operator.version}\nnode ${process.version}\nserver ${await client.read("/version")}\n`,
    ],
    ["status.txt", statusText(view, Date.now(), plain)],
    ["resource.yaml", stringify(shareable(view.resource))],
    ["events.yaml", stringify(view.events)],
    ...objects.map(
      (live) => [`objects/${live.kind}-${live.metadata.name}.yaml`, stringify(shareable(live))] as const,
    ),
  ]);
  for (const pod of objects.filter((live) => live.kind === "Pod"))
    for (const [path, log] of await logsOf(session, pod)) files.set(path, log);
  return new Map([...files].map(([path, content]) => [path, scrubbed(content, secrets)]));
}

/** A kind that is not served, or that the caller may not read, leaves a gap in the report and no more. */
async function ownedObjects(
  { client, namespace }: Session,
  kind: KindSpec,
  labels: Readonly<Record<string, string>>,
): Promise<readonly LiveObject[]> {
  try {
    return (await client.list(kind, namespace, { labels })).items;
  } catch (error) {
    process.stderr.write(
      `Left out ${kind.plural}: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    return [];
  }
}

async function logsOf(
  { client, namespace }: Session,
  pod: LiveObject,
): Promise<readonly (readonly [string, string])[]> {
  const spec = fields(pod["spec"]);
  const names = [...list(spec["initContainers"]), ...list(spec["containers"])].flatMap(
    (one) => text(fields(one)["name"]) ?? [],
  );
  return Promise.all(
    names.map(async (container) => {
      const { name } = pod.metadata;
      const path = `/api/v1/namespaces/${namespace}/pods/${name}/log?container=${container}&tailLines=${logLines}`;
      const log = await client
        .read(path)
        .catch((error: unknown) => `(no log: ${error instanceof Error ? error.message : String(error)})\n`);
      return [`logs/${name}-${container}.txt`, log] as const;
    }),
  );
}
