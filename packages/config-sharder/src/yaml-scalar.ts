/**
 * What PyYAML makes of a scalar without quotes. Nodepool reads YAML 1.1 through it, and where PyYAML differs
 * from the written standard (`1e3` is a string), PyYAML counts. Pure.
 *
 * @see PyYAML 6, `yaml/resolver.py`, the implicit resolvers
 */
import { PlainScalar, type YamlScalar } from "./yaml-value.ts";

const yes = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const no = /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const nothing = /^(?:~|null|Null|NULL|)$/;
const numbersAndDates: readonly RegExp[] = [
  // int
  /^[-+]?0b[0-1_]+$/,
  /^[-+]?0[0-7_]+$/,
  /^[-+]?(?:0|[1-9][0-9_]*)$/,
  /^[-+]?0x[0-9a-fA-F_]+$/,
  /^[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+$/,
  // float
  /^[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?$/,
  /^\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?$/,
  /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*$/,
  /^[-+]?\.(?:inf|Inf|INF)$/,
  /^\.(?:nan|NaN|NAN)$/,
  // timestamp
  /^\d{4}-\d\d-\d\d$/,
  /^\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?$/,
];

export function plainScalar(source: string): YamlScalar {
  if (yes.test(source)) return true;
  if (no.test(source)) return false;
  if (nothing.test(source)) return null;
  return numbersAndDates.some((pattern) => pattern.test(source)) ? new PlainScalar(source) : source;
}
