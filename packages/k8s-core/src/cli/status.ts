/** `status NAME`: components, what is waited for, conditions, certificates and the last events of one resource. */
import { X509Certificate } from "node:crypto";
import { fields, text } from "../json.ts";
import { type KindSpec, kinds } from "../kinds.ts";
import { labelValue } from "../model/labels.ts";
import type { LiveObject } from "../model/manifest.ts";
import { isAnswer } from "../wire/answer.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";
import type { OperatorDefinition } from "./operator.ts";
import { resourceKind } from "./resource-kind.ts";
import { type ConnectionFlags, openSession, type Session } from "./session.ts";
import {
  type CertificateRow,
  type EventRow,
  paintFor,
  type StatusReport,
  statusText,
} from "./status-view.ts";

export interface StatusOptions extends ConnectionFlags {
  readonly kind?: string;
  readonly watch?: boolean;
  readonly output?: string;
}

export async function status(
  operator: OperatorDefinition,
  name: string,
  options: StatusOptions,
): Promise<void> {
  using session = await openSession(options, `${operator.name}/${operator.version} (status)`);
  const kind = resourceKind(operator, options.kind);
  await print(session, kind, name, options);
  if (options.watch !== true) return;
  const { resourceVersion } = await session.client.list(kind, session.namespace, { name });
  for await (const event of session.client.watch(kind, session.namespace, {
    name,
    resourceVersion,
    timeoutSeconds: 3600,
  }))
    if ("object" in event && event.type !== "DELETED") await print(session, kind, name, options);
}

async function print(
  session: Session,
  kind: KindSpec,
  name: string,
  { output }: StatusOptions,
): Promise<void> {
  const report = await reportOf(session, kind, name);
  if (output === "json") {
    const { resource, events, certificates } = report;
    const { apiVersion, metadata } = resource;
    const shown = { apiVersion, kind: resource.kind, name: metadata.name, namespace: metadata.namespace };
    process.stdout.write(
      `${JSON.stringify({ ...shown, status: resource["status"] ?? {}, certificates, events }, null, 2)}\n`,
    );
  } else process.stdout.write(statusText(report, Date.now(), paintFor(process.stdout)));
}

/** @throws CommandError `refused` when there is no such resource */
export async function reportOf(
  { client, namespace }: Session,
  kind: KindSpec,
  name: string,
): Promise<StatusReport> {
  const resource = await client.get(kind, namespace, name);
  if (resource === undefined)
    throw new CommandError(exitCodes.refused, `There is no ${kind.kind} "${name}" in namespace ${namespace}`);
  const labels = { "app.kubernetes.io/instance": labelValue(name) };
  const [events, secrets] = await Promise.all([
    client.list(kinds.Event, namespace),
    readable(() => client.list(kinds.Secret, namespace, { labels })),
  ]);
  return {
    resource,
    events: eventsOf(events.items, kind.kind, name),
    certificates: secrets.flatMap(certificatesOf),
  };
}

/** Who may see the resource need not see Secrets: then there are no ages of certificates. */
async function readable(
  list: () => Promise<{ readonly items: readonly LiveObject[] }>,
): Promise<readonly LiveObject[]> {
  try {
    return (await list()).items;
  } catch (error) {
    if (isAnswer(error, "forbidden")) return [];
    throw error;
  }
}

const shownEvents = 10;

/** The newest, oldest first. */
function eventsOf(items: readonly LiveObject[], kind: string, name: string): readonly EventRow[] {
  return items
    .filter((event) => {
      const regarding = fields(event["regarding"]);
      return regarding["kind"] === kind && regarding["name"] === name;
    })
    .map((event) => ({
      time:
        text(fields(event["series"])["lastObservedTime"]) ??
        text(event["eventTime"]) ??
        text(event["deprecatedLastTimestamp"]) ??
        event.metadata.creationTimestamp ??
        "",
      type: text(event["type"]) ?? "",
      reason: text(event["reason"]) ?? "",
      note: text(event["note"]) ?? "",
    }))
    .toSorted((a, b) => (a.time < b.time ? -1 : 1))
    .slice(-shownEvents);
}

/** When the certificates in a Secret end. A certificate is public; nothing else of the Secret is looked at. */
function certificatesOf(secret: LiveObject): readonly CertificateRow[] {
  return Object.entries(fields(secret["data"])).flatMap(([key, value]) => {
    if (!key.endsWith(".crt") || typeof value !== "string") return [];
    try {
      const { validTo } = new X509Certificate(Buffer.from(value, "base64"));
      return [{ secret: secret.metadata.name, key, notAfter: new Date(validTo).toISOString() }];
    } catch {
      return [];
    }
  });
}
