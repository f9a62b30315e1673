/** Turns everything that is wrong with a resource into one Blocked, so that the user edits once. Pure. */
import type { z } from "zod";
import { Blocked } from "./outcome.ts";

/** `spec.executor.count: must be at most 200; spec.web.root: …` */
export function blockedBySpec(error: z.ZodError): Blocked {
  const sentences = error.issues.map((issue) => {
    const path = issue.path
      .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
      .join("");
    return `${path.replace(/^\./, "")}: ${issue.message}`;
  });
  return new Blocked("InvalidSpec", sentences.join("; "));
}
