/** What one operator asked the API server, from the server's own audit log. I/O: reads that file. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { eventually, field, word } from "./look.ts";

export interface Request {
  readonly userAgent: string;
  readonly verb: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  readonly namespace: string;
  readonly code: number;
  readonly isDryRun: boolean;
  /** Milliseconds since the epoch, with microseconds behind the point. */
  readonly receivedMs: number;
  readonly answeredMs: number;
}

export interface Audit {
  /** Where the log ends now; what is asked later lies behind it. */
  mark(): Promise<number>;
  /**
   * Requests behind the mark in one namespace, in the order of their arrival.
   * @param program begin of the user agent; default: of everybody
   */
  since(mark: number, namespace: string, program?: string): Promise<readonly Request[]>;
}

export function auditOf(path: string | undefined): Audit {
  if (path === undefined) throw new Error("This cluster keeps no audit log: take the native one");
  return {
    mark: async () => (await stat(path)).size,
    since: async (mark, namespace, program = "") => {
      const requests: Request[] = [];
      for await (const line of wholeLines(path, mark)) requests.push(...requestOf(line, namespace));
      return requests
        .filter(({ userAgent }) => userAgent.startsWith(program))
        .toSorted((a, b) => a.receivedMs - b.receivedMs);
    },
  };
}

/** Lines of the log behind the mark. One that is half written, at either end, is left out. */
export async function* wholeLines(path: string, mark = 0): AsyncGenerator<string> {
  // From the byte before the mark: behind a line feed a whole line begins.
  let partial = mark === 0 ? "\n" : "";
  let isWhole = false;
  for await (const chunk of createReadStream(path, { encoding: "utf8", start: Math.max(0, mark - 1) })) {
    const [first = "", ...rest] = (partial + String(chunk)).split("\n");
    if (rest.length === 0) {
      partial = first;
      continue;
    }
    if (isWhole) yield first;
    isWhole = true;
    partial = rest.pop() ?? "";
    yield* rest;
  }
}

function requestOf(line: string, namespace: string): readonly Request[] {
  // A cheap look first: most lines are of the control plane.
  if (!line.includes(`"namespace":"${namespace}"`)) return [];
  const event: unknown = JSON.parse(line);
  const stage = field(event, "stage");
  const verb = word(event, "verb");
  // A watch is counted when it begins; its end comes minutes later.
  const isCounted = verb === "watch" ? stage === "ResponseStarted" : stage === "ResponseComplete";
  if (!isCounted || word(event, "objectRef", "namespace") !== namespace) return [];
  return [
    {
      userAgent: word(event, "userAgent"),
      verb,
      resource: word(event, "objectRef", "resource"),
      subresource: word(event, "objectRef", "subresource"),
      name: word(event, "objectRef", "name"),
      namespace,
      code: Number(field(event, "responseStatus", "code")),
      isDryRun: word(event, "requestURI").includes("dryRun=All"),
      receivedMs: timeOf(word(event, "requestReceivedTimestamp")),
      answeredMs: timeOf(word(event, "stageTimestamp")),
    },
  ];
}

/** `Date.parse` drops the microseconds. */
function timeOf(text: string): number {
  const point = text.indexOf(".");
  return Date.parse(`${text.slice(0, point)}Z`) + Number(`0${text.slice(point, -1)}`) * 1000;
}

const writing: ReadonlySet<string> = new Set(["create", "update", "patch", "delete", "deletecollection"]);

/** Changed something, and is no renewal of the Lease. */
export function isWrite({ verb, code, isDryRun, resource }: Request): boolean {
  return writing.has(verb) && code < 300 && !isDryRun && resource !== "leases";
}

/** What an operator with nothing to do is allowed: watches, and its Lease. */
export function isIdle({ verb, resource }: Request): boolean {
  return verb === "watch" || resource === "leases";
}

export interface Rest {
  readonly namespace: string;
  /** Begin of the user agent. */
  readonly program: string;
  /** How long nothing that counts may be asked. */
  readonly forMs: number;
  /** What breaks the silence. Default: all that an operator with something to do asks. */
  readonly counts?: (request: Request) => boolean;
  readonly withinMs?: number;
}

/** Until a program has been silent for so long. @throws Error when it never rests */
export async function untilRest(
  audit: Audit,
  { namespace, program, forMs, counts = (request) => !isIdle(request), withinMs = 180_000 }: Rest,
): Promise<void> {
  let mark = await audit.mark();
  let since = performance.now();
  const isSilent = async (): Promise<boolean> => {
    if ((await audit.since(mark, namespace, program)).some(counts)) {
      mark = await audit.mark();
      since = performance.now();
    }
    return performance.now() - since >= forMs;
  };
  await eventually(isSilent, withinMs).catch((cause: unknown) => {
    throw new Error(`${program} in ${namespace} never rests`, { cause });
  });
}
