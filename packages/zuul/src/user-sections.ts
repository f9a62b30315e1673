/** The sections of zuul.conf that come from fields and pass-through options of the resource, uncut. Pure. */
import type { Notice } from "@zuul-pulp/k8s-core/model";
import { readAuth } from "./auth.ts";
import { type Daemon, daemons } from "./daemons.ts";
import { optionName, safeName } from "./ini.ts";
import { type ConfSection, type OptionTable, readOptions } from "./options.ts";
import { fieldReaders, plainSections, type SectionRule, serviceSections } from "./sections.ts";
import type { ZuulSpec } from "./spec.ts";
import {
  executorOptions,
  fingergwOptions,
  mergerOptions,
  schedulerOptions,
  webOptions,
} from "./spec/services.ts";

export interface UserSections {
  readonly sections: readonly ConfSection[];
  readonly problems: readonly string[];
  readonly notices: readonly Notice[];
}

/** Fields that are options, by service: what stands in the spec's shape is written, nothing else. */
export const fieldsOf: Readonly<Record<Daemon, readonly string[]>> = {
  scheduler: Object.keys(schedulerOptions),
  executor: Object.keys(executorOptions),
  merger: Object.keys(mergerOptions),
  web: Object.keys(webOptions),
  fingergw: Object.keys(fingergwOptions),
};

export function readUserSections(spec: ZuulSpec): UserSections {
  const auth = readAuth(spec.auth ?? {});
  return joined([
    ...daemons.map((daemon) => serviceSection(daemon, spec[daemon])),
    ...Object.entries(plainSections).map(([name, rule]) => plainSection(name, rule, sectionOf(spec, name))),
    ...Object.entries(spec.ansibleCallbacks ?? {}).map(([name, options]) => callback(name, options)),
    auth,
  ]);
}

function serviceSection(daemon: Daemon, service: ZuulSpec[Daemon]): UserSections {
  const { readers, options: table, owned }: SectionRule = serviceSections[daemon];
  const set: Readonly<Record<string, unknown>> = { ...service };
  const fields = Object.fromEntries(fieldsOf[daemon].map((name) => [name, set[name]]));
  const fieldTable: OptionTable = Object.fromEntries(
    fieldsOf[daemon].map((name) => {
      const own = fieldReaders[`${daemon}.${name}`];
      return [name, own === undefined ? { kind: "text" } : { kind: "text", readers: own }];
    }),
  );
  const read = readOptions(fields, { path: daemon, table: fieldTable, readers });
  const more = readOptions(service.options ?? {}, {
    path: `${daemon}.options`,
    table,
    readers,
    owned,
    fields: Object.fromEntries(fieldsOf[daemon].map((name) => [name, `${daemon}.${name}`])),
  });
  return {
    sections: [{ name: daemon, options: [...read.options, ...more.options] }],
    problems: [...read.problems, ...more.problems],
    notices: more.notices,
  };
}

function plainSection(
  name: string,
  { readers, options: table, owned }: SectionRule,
  raw: unknown,
): UserSections {
  if (raw === undefined || typeof raw !== "object" || raw === null) return nothing;
  const { options, problems, notices } = readOptions({ ...raw }, { path: name, table, readers, owned });
  return { sections: [{ name, options }], problems, notices };
}

function sectionOf(spec: ZuulSpec, name: string): unknown {
  return Object.entries(spec).find(([member]) => member === name)?.[1];
}

/** Zuul copies these options into each job's ansible.cfg. */
function callback(name: string, raw: unknown): UserSections {
  const path = `ansibleCallbacks.${name}`;
  if (!safeName.test(name) || typeof raw !== "object" || raw === null || Array.isArray(raw))
    return { ...nothing, problems: [`${path}: must be a plain name with an object of options`] };
  // Every option of a plugin is unknown to us by nature: no notice.
  const known = Object.keys(raw).filter((option) => optionName.test(option));
  const table: OptionTable = Object.fromEntries(known.map((option) => [option, { kind: "text" }]));
  const { options, problems } = readOptions({ ...raw }, { path, table, readers: ["executor"] });
  return { sections: [{ name: `ansible_callback ${name}`, options }], problems, notices: [] };
}

const nothing: UserSections = { sections: [], problems: [], notices: [] };

function joined(parts: readonly UserSections[]): UserSections {
  return {
    sections: parts.flatMap(({ sections }) => sections).filter(({ options }) => options.length > 0),
    problems: parts.flatMap(({ problems }) => problems),
    notices: parts.flatMap(({ notices }) => notices),
  };
}
