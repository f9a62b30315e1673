/**
 * What Pulp is asked about itself, and how its answers are read. Anything unexpected in an answer is left out instead
 * of failing. I/O: only through the function that is handed in.
 * @see pulpcore 3.123, REST API: status/, tasks/
 */
import { fields, list, text } from "./json.ts";

export interface PulpFacts {
  /** Of the answering api process: `core`, `file`, `container`, … */
  readonly versions: Readonly<Record<string, string>>;
  /** Names `pid@pod`, ordered. Api and content list one entry for each process, not for each pod. */
  readonly workers: readonly string[];
  readonly apiProcesses: readonly string[];
  readonly contentProcesses: readonly string[];
  readonly cacheConnected: boolean;
  /** Of the file system that holds artifacts; object storage has only `usedMiB`. */
  readonly storage: { readonly usedMiB?: number; readonly freeMiB?: number; readonly totalMiB?: number };
  readonly contentOrigin?: string;
  /** Absent when the password of user admin is not accepted (yet). */
  readonly tasks?: { readonly waiting: number; readonly running: number };
}

export interface PulpAnswers {
  /** JSON of `status/`; rejects when there is none. */
  status(): Promise<unknown>;
  /** JSON of `tasks/` with a query; rejects when not allowed. */
  tasks(query: string): Promise<unknown>;
}

/** @throws whatever `status` throws */
export async function probePulp(answers: PulpAnswers): Promise<PulpFacts> {
  const facts = factsOf(await answers.status());
  const counts = await Promise.all([
    count(answers.tasks("state=waiting&limit=1&fields=name")),
    count(answers.tasks("state=running&limit=1&fields=name")),
  ]).catch(() => undefined);
  const [waiting, running] = counts ?? [];
  return waiting === undefined || running === undefined ? facts : { ...facts, tasks: { waiting, running } };
}

async function count(answer: Promise<unknown>): Promise<number | undefined> {
  const number = fields(await answer)["count"];
  return typeof number === "number" ? number : undefined;
}

export function factsOf(status: unknown): PulpFacts {
  const page = fields(status);
  const storage = fields(page["storage"]);
  const contentOrigin = text(fields(page["content_settings"])["content_origin"]);
  return {
    versions: Object.fromEntries(
      list(page["versions"])
        .map(fields)
        .map((entry) => [text(entry["component"]) ?? "unknown", text(entry["version"]) ?? "unknown"] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
    workers: names(page["online_workers"]),
    apiProcesses: names(page["online_api_apps"]),
    contentProcesses: names(page["online_content_apps"]),
    cacheConnected: fields(page["redis_connection"])["connected"] === true,
    // Whole MiB, nothing only for nothing, rounded to three digits: a status that changes with every byte would be written all the time.
    storage: {
      ...mebibytes("usedMiB", storage["used"]),
      ...mebibytes("freeMiB", storage["free"]),
      ...mebibytes("totalMiB", storage["total"]),
    },
    ...(contentOrigin === undefined ? {} : { contentOrigin }),
  };
}

function mebibytes(name: string, bytes: unknown): Readonly<Record<string, number>> {
  return typeof bytes === "number" ? { [name]: Math.ceil(Number((bytes / 2 ** 20).toPrecision(3))) } : {};
}

function names(entries: unknown): readonly string[] {
  return list(entries)
    .flatMap((entry) => text(fields(entry)["name"]) ?? [])
    .sort();
}

/**
 * Whether a change is not worth a pass: processes are counted by pod, as a restart within one changes only their names,
 * and storage may differ by a twentieth, as on a shared disk it never rests. Which pods are there is not known here: a
 * pass that one of the others causes finds the same status as before.
 */
export function sameFacts(a: PulpFacts, b: PulpFacts): boolean {
  const essence = ({ workers, apiProcesses, contentProcesses, ...rest }: PulpFacts): string =>
    JSON.stringify([
      pods(workers),
      pods(apiProcesses),
      pods(contentProcesses),
      { ...rest, storage: undefined },
    ]);
  const isClose = (left = 0, right = 0): boolean => Math.abs(left - right) <= Math.max(left, right) / 20;
  return (
    essence(a) === essence(b) &&
    isClose(a.storage.usedMiB, b.storage.usedMiB) &&
    isClose(a.storage.freeMiB, b.storage.freeMiB) &&
    isClose(a.storage.totalMiB, b.storage.totalMiB)
  );
}

/** Names of the pods behind `pid@pod`, each as often as it has processes. */
export function pods(processes: readonly string[]): readonly string[] {
  return processes.map((name) => name.slice(name.indexOf("@") + 1)).sort();
}
