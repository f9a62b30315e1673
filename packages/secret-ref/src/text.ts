/**
 * From the bytes of a Secret to text that a config file may hold. Says which rule was broken, never the
 * value. Pure.
 */
import { Sealed } from "./sealed.ts";

export type TextResult =
  | { readonly kind: "ok"; readonly value: Sealed; readonly change?: "newline removed" | "newline added" }
  | { readonly kind: "refused"; readonly rule: string };

/** Strict UTF-8, no NUL, not empty. One trailing LF or CRLF is removed: Secrets made with `echo` carry it. */
export function readText(bytes: Uint8Array): TextResult {
  const text = decode(bytes);
  if (typeof text !== "string") return text;
  const stripped = text.replace(/\r?\n$/, "");
  if (stripped === "") return { kind: "refused", rule: "it is empty" };
  return stripped === text
    ? { kind: "ok", value: Sealed.of(text) }
    : { kind: "ok", value: Sealed.of(stripped), change: "newline removed" };
}

/** As `readText`, but ends with a newline: OpenSSH refuses a private key without one. */
export function readSshKey(bytes: Uint8Array): TextResult {
  const text = decode(bytes);
  if (typeof text !== "string") return text;
  if (text.trim() === "") return { kind: "refused", rule: "it is empty" };
  return text.endsWith("\n")
    ? { kind: "ok", value: Sealed.of(text) }
    : { kind: "ok", value: Sealed.of(`${text}\n`), change: "newline added" };
}

function decode(bytes: Uint8Array): string | Extract<TextResult, { kind: "refused" }> {
  if (bytes.includes(0)) return { kind: "refused", rule: "text must not contain a NUL byte" };
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { kind: "refused", rule: "text must be valid UTF-8" };
  }
}
