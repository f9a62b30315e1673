/** What flags take, checked while they are read: a wrong value costs nothing, and commander names its flag. Pure. */
import { InvalidArgumentError } from "commander";

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `90s`, `15m`, `1h30m`, or plain seconds; in milliseconds. @throws InvalidArgumentError */
export function durationMs(text: string): number {
  if (/^[0-9]+$/.test(text)) return Number(text) * 1000;
  const parts = [...text.matchAll(/([0-9]+)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join("") !== text)
    throw new InvalidArgumentError("Write 90s, 15m or 1h30m.");
  return parts.reduce((sum, [, count = "0", unit = "s"]) => sum + Number(count) * (units[unit] ?? 0), 0);
}

/** A whole number from `least` to `most`, both included. */
export const wholeNumber =
  (least: number, most = Number.MAX_SAFE_INTEGER) =>
  /** @throws InvalidArgumentError */
  (text: string): number => {
    const value = Number(text);
    if (/^-?[0-9]+$/.test(text) && value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`It is a whole number ${range}.`);
  };
