/** What `status` shows of one resource, from what the cluster answered. Pure. */
import { styleText } from "node:util";
import { fields, list, text } from "../json.ts";
import type { LiveObject } from "../model/manifest.ts";

export interface EventRow {
  readonly time: string;
  readonly type: string;
  readonly reason: string;
  readonly note: string;
}

export interface CertificateRow {
  readonly secret: string;
  readonly key: string;
  readonly notAfter: string;
}

export interface StatusReport {
  readonly resource: LiveObject;
  readonly events: readonly EventRow[];
  readonly certificates: readonly CertificateRow[];
}

type Tone = "green" | "yellow" | "red" | "dim" | "bold";
export type Paint = (tone: Tone, words: string) => string;

/** Colours only for a terminal; `NO_COLOR` is respected by Node itself. */
export const paintFor = (stream: NodeJS.WriteStream): Paint =>
  stream.isTTY ? (tone, words) => styleText(tone, words, { stream }) : (_tone, words) => words;

export function statusText(
  { resource, events, certificates }: StatusReport,
  nowMs: number,
  paint: Paint,
): string {
  const { kind, metadata } = resource;
  const status = fields(resource["status"]);
  const conditions = list(status["conditions"]).map(fields);
  const isTrue = (type: string): boolean =>
    conditions.some((one) => one["type"] === type && one["status"] === "True");
  const isStale = Number(status["observedGeneration"] ?? 0) < Number(metadata.generation ?? 0);
  const head = isStale
    ? paint("yellow", "the operator has not seen the last change")
    : isTrue("Ready")
      ? paint("green", "ready")
      : isTrue("Stalled")
        ? paint("red", "stalled: it needs a change by a person")
        : paint("yellow", "not ready yet");
  const facts = [
    ["Version", text(status["version"])],
    ["URL", text(status["url"])],
    ["Waiting for", text(status["next"])],
  ].flatMap(([label, value]) => (value === undefined || value === "" ? [] : [`${label}: ${value}`]));
  const ageOf = (time: unknown): string => (typeof time === "string" ? age(nowMs - Date.parse(time)) : "");
  const sections = [
    [
      `${paint("bold", `${kind} ${metadata.name}`)} in ${metadata.namespace ?? ""}, ${ageOf(metadata.creationTimestamp)} old: ${head}`,
      ...facts,
    ],
    section(paint("bold", "Components"), components(status, paint)),
    section(
      paint("bold", "Conditions"),
      conditions.map((one) => [
        String(one["type"]),
        String(one["status"]),
        ageOf(one["lastTransitionTime"]),
        `${text(one["reason"]) ?? ""}: ${text(one["message"]) ?? ""}`,
      ]),
    ),
    section(
      paint("bold", "Certificates"),
      certificates.map(({ secret, key, notAfter }) => [
        `${secret}/${key}`,
        `valid for ${age(Date.parse(notAfter) - nowMs)}`,
      ]),
    ),
    section(
      paint("bold", "Last events"),
      events.map(({ time, type, reason, note }) => [
        ageOf(time),
        type === "Warning" ? paint("yellow", reason) : reason,
        note,
      ]),
    ),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function components(status: Readonly<Record<string, unknown>>, paint: Paint): readonly (readonly string[])[] {
  return list(status["components"])
    .map(fields)
    .map((one) => {
      const [ready, desired, updated] = [
        Number(one["ready"] ?? 0),
        Number(one["desired"] ?? 0),
        Number(one["updated"] ?? 0),
      ];
      const isFine = ready >= desired && updated >= desired;
      const behind = updated < desired ? `, ${updated} updated` : "";
      const waiting = text(one["waitingFor"]);
      return [
        isFine ? paint("green", "●") : paint("yellow", "○"),
        String(one["name"]),
        `${ready}/${desired} ready${behind}`,
        waiting === undefined ? "" : `waits for ${waiting}`,
      ];
    });
}

const section = (title: string, rows: readonly (readonly string[])[]): readonly string[] =>
  rows.length === 0 ? [] : [title, ...columns(rows).map((line) => `  ${line}`)];

/** Left-aligned columns; colour codes count for nothing. */
export function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [index, words] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, width(words));
  return rows.map((row) =>
    row
      .map((words, index) => words + " ".repeat((widths[index] ?? 0) - width(words)))
      .join("  ")
      .trimEnd(),
  );
}

// eslint-disable-next-line no-control-regex -- colours are control characters
const width = (words: string): number => words.replaceAll(/\u001B\[[0-9;]*m/g, "").length;

/** `45s`, `12m`, `5h`, `3d`: the largest unit that fits. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
