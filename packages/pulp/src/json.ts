/** Reading JSON whose shape nobody promised: live objects, and what Pulp answers. Pure. */

export type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The members of a JSON object; none of anything else. */
export const fields = (value: unknown): Fields => (isFields(value) ? value : {});

/** The entries of a JSON list; none of anything else. */
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A text that says something. */
export const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;
