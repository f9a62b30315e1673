/**
 * What an answer of the API server means, and therefore what may be done next. One function decides: `answerOf`. Pure.
 *
 * @see Kubernetes 1.35, pkg/apis/meta Status; the rows marked "seen" were tried against a real server
 */
import { fields, list, parsed, text } from "../json.ts";

export type AnswerKind =
  /** 400: our request is malformed. Terminal. */
  | "badRequest"
  /** 401: the token is stale; the connection is about to go. */
  | "unauthorized"
  /** 403: RBAC, quota, pod security. */
  | "forbidden"
  /** 403 with cause NamespaceTerminating: final for creates. */
  | "terminatingNamespace"
  /** 404 with a Status. */
  | "absent"
  /** 404 in plain text (seen): the API group or version is not served. */
  | "notServed"
  /** 405, 406, 415: our bug. */
  | "ourBug"
  | "alreadyExists"
  /** 409 of an apply without force. */
  | "fieldConflict"
  /** 409: a precondition failed or two writes met. */
  | "conflict"
  /** 410: relist. */
  | "expired"
  /** 413, or a 500 of etcd because of size (seen). Terminal. */
  | "tooLarge"
  /** 422. Terminal until the input changes, except for the recreate table. */
  | "invalid"
  /** 429. */
  | "overloaded"
  /** 500 "failed to create typed patch object" (seen): the body of an apply does not fit the schema. Terminal. */
  | "schemaMismatch"
  /** 504 with cause ResourceVersionTooLarge (seen): asked for a version from the future. */
  | "futureVersion"
  /** Other 5xx. */
  | "transient"
  /** No answer at all: whether a write happened is unknown. */
  | "network";

export interface Cause {
  readonly reason: string;
  readonly field: string;
  readonly message: string;
}

export interface Answer {
  readonly kind: AnswerKind;
  readonly status: number;
  /** The server's words. They may quote a rejected value: never show them for Secrets. */
  readonly message: string;
  readonly causes: readonly Cause[];
  readonly retryAfterMs?: number;
}

/** Meaning of an answer that is not 2xx. */
export function answerOf(
  status: number,
  headers: Readonly<Record<string, string | undefined>>,
  body: string,
): Answer {
  const details = parsed(body);
  const isStatus = text(fields(details)["kind"]) === "Status";
  const message = (isStatus ? text(fields(details)["message"]) : undefined) ?? body.trim().slice(0, 300);
  const causes = list(fields(fields(details)["details"])["causes"]).map(causeOf);
  const reason = text(fields(details)["reason"]) ?? "";
  const seconds = Number(headers["retry-after"] ?? Number.NaN);
  return {
    kind: kindOf(status, reason, message, causes, isStatus),
    status,
    message,
    causes,
    ...(Number.isFinite(seconds) && seconds >= 0 ? { retryAfterMs: seconds * 1000 } : {}),
  };
}

function kindOf(
  status: number,
  reason: string,
  message: string,
  causes: readonly Cause[],
  isStatus: boolean,
): AnswerKind {
  const has = (cause: string) => causes.some((one) => one.reason === cause);
  switch (status) {
    case 400:
      return "badRequest";
    case 401:
      return "unauthorized";
    case 403:
      return has("NamespaceTerminating") ? "terminatingNamespace" : "forbidden";
    case 404:
      return isStatus && !message.startsWith("the server could not find the requested resource")
        ? "absent"
        : "notServed";
    case 405:
    case 406:
    case 415:
      return "ourBug";
    case 409:
      if (reason === "AlreadyExists") return "alreadyExists";
      return has("FieldManagerConflict") ? "fieldConflict" : "conflict";
    case 410:
      return "expired";
    case 413:
      return "tooLarge";
    case 422:
      return "invalid";
    case 429:
      return "overloaded";
    case 504:
      return has("ResourceVersionTooLarge") ? "futureVersion" : "transient";
    default:
      if (status >= 500 && message.startsWith("failed to create typed patch object")) return "schemaMismatch";
      if (
        status >= 500 &&
        (/ResourceExhausted.*larger than max/.test(message) || message.includes("request is too large"))
      )
        return "tooLarge";
      return status >= 500 ? "transient" : "badRequest";
  }
}

function causeOf(value: unknown): Cause {
  const cause = fields(value);
  return {
    reason: text(cause["reason"]) ?? "",
    field: text(cause["field"]) ?? "",
    message: text(cause["message"]) ?? "",
  };
}

/** A request that did not end in 2xx. `what` names verb and object, never a body, header or value. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly what: string;
  readonly answer: Answer;
  constructor(what: string, answer: Answer, options?: ErrorOptions) {
    super(`${what}: ${answer.status === 0 ? answer.kind : `${answer.status} ${answer.kind}`}`, options);
    this.what = what;
    this.answer = answer;
  }
}

/** True when `error` is an ApiError of one of these kinds. */
export function isAnswer(error: unknown, ...wanted: readonly AnswerKind[]): error is ApiError {
  return error instanceof ApiError && wanted.includes(error.answer.kind);
}
