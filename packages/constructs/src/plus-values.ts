/**
 * Values of cdk8s-plus in our words, for people who build their own app from these constructs. Types only: loading
 * cdk8s-plus costs more memory than everything else here, so whoever uses it brings it. Pure.
 */
import type { Size } from "cdk8s";
import type { Cpu, EnvValue } from "cdk8s-plus-27";
import type { EnvVar, Resources } from "./container.ts";

export interface PlusFigures {
  readonly cpu?: Cpu;
  readonly memory?: Size;
}

/** `resourcesOf({ requests: { cpu: Cpu.millis(250), memory: Size.gibibytes(1) } })` */
export function resourcesOf({
  requests,
  limits,
}: {
  readonly requests?: PlusFigures;
  readonly limits?: PlusFigures;
}): Resources {
  return {
    ...(requests === undefined ? {} : { requests: figures(requests) }),
    ...(limits === undefined ? {} : { limits: figures(limits) }),
  };
}

function figures({ cpu, memory }: PlusFigures): Record<string, string> {
  return {
    ...(cpu === undefined ? {} : { cpu: cpu.amount }),
    ...(memory === undefined ? {} : { memory: memory.asString() }),
  };
}

/** @throws Error for a source other than a literal, a Secret or a ConfigMap */
export function envVarOf(name: string, { value, valueFrom }: EnvValue): EnvVar {
  const source: unknown = valueFrom;
  const secret = member(source, "secretKeyRef");
  const configMap = member(source, "configMapKeyRef");
  if (secret !== undefined) return { name, secretName: text(secret, "name"), key: text(secret, "key") };
  if (configMap !== undefined)
    return { name, configMapName: text(configMap, "name"), key: text(configMap, "key") };
  if (typeof value === "string") return { name, value };
  throw new Error(`the value of ${name} comes from nowhere that we know`);
}

function member(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined;
}

function text(value: unknown, key: string): string {
  const found = member(value, key);
  if (typeof found !== "string") throw new Error(`an environment source has no ${key}`);
  return found;
}
