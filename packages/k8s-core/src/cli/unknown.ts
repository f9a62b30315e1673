/**
 * What only a cluster knows, found by rendering twice with two stand-ins for every value that a cluster generates:
 * whatever differs depends on such a value (a hash over it, a name with that hash), and is shown as `***`. Pure.
 */
import { isFields } from "../json.ts";

/** What stands for a generated value in the first rendering, and is shown. */
export const shownStandIn = "***";
export const otherStandIn = "******";

/** `first` as it is shown: with `***` where `second` differs. Values of a Secret are compared as what they encode. */
export function withUnknowns<T>(first: T, second: unknown): T;
export function withUnknowns(first: unknown, second: unknown): unknown {
  if (!isFields(first) || !isFields(second) || first["kind"] !== "Secret") return masked(first, second);
  // In the order in which the members are sent.
  return Object.fromEntries(
    Object.entries(first).map(([name, member]) => [
      name,
      masked(member, second[name], name === "data" ? maskedBase64 : maskedText),
    ]),
  );
}

type MaskText = (first: string, second: string) => string;

function masked(first: unknown, second: unknown, maskText: MaskText = maskedText): unknown {
  if (typeof first === "string" && typeof second === "string") return maskText(first, second);
  if (Array.isArray(first) && Array.isArray(second))
    return first.map((element, index) => masked(element, second[index], maskText));
  if (!isFields(first) || !isFields(second)) return first;
  const others = Object.values(second);
  return Object.fromEntries(
    Object.entries(first).map(([name, member], index) => [
      maskedText(name, Object.keys(second)[index] ?? name),
      masked(member, name in second ? second[name] : others[index], maskText),
    ]),
  );
}

function maskedBase64(first: string, second: string): string {
  if (first === second) return first;
  const text = (base64: string): string => Buffer.from(base64, "base64").toString("utf8");
  return Buffer.from(maskedText(text(first), text(second))).toString("base64");
}

/** Line by line, so that one unknown value hides nothing of the rest of a file. */
function maskedText(first: string, second: string): string {
  if (first === second || second.replaceAll(otherStandIn, shownStandIn) === first) return first;
  const [lines, others] = [first.split("\n"), second.split("\n")];
  if (lines.length > 1 && lines.length === others.length)
    return lines.map((line, index) => maskedText(line, others[index] ?? "")).join("\n");
  let begin = 0;
  while (begin < first.length && first[begin] === second[begin]) begin += 1;
  let end = 0;
  while (end < first.length - begin && first.at(-1 - end) === second.at(-1 - end)) end += 1;
  // Two hashes may begin or end alike by chance.
  const before = first.slice(0, begin).replace(/[0-9a-f]+$/, "");
  const after = first.slice(first.length - end).replace(/^[0-9a-f]+/, "");
  return `${before}${shownStandIn}${after}`;
}
