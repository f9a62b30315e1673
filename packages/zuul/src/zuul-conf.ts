/**
 * zuul.conf, cut for one daemon: only sections, connections and single options that it uses, and only their files.
 *
 * This is where values of references are opened. What a line of the file cannot carry is refused by object, key and
 * rule, never by value. Pure.
 */
import { Blocked, childName } from "@zuul-pulp/k8s-core/model";
import { contentHash, open, type ResolvedRefs, Sealed } from "@zuul-pulp/secret-ref";
import type { Daemon } from "./daemons.ts";
import { type IniSection, refusalOf, renderIni } from "./ini.ts";
import type { ConfOption } from "./options.ts";
import { files, paths } from "./paths.ts";
import { reconfigurable } from "./sections.ts";

/** An option of our own: a secret that is known only after resolving. */
export interface SealedOption {
  readonly name: string;
  readonly sealed: Sealed;
  readonly origin: string;
  readonly readers: readonly Daemon[];
}

export interface UncutSection {
  readonly name: string;
  readonly options: readonly (ConfOption | SealedOption)[];
}

/** The files of one pod: keys of its config Secret, and a hash over what a running process cannot take up again. */
export interface PodFiles {
  readonly entries: ReadonlyMap<string, string | Sealed>;
  readonly hash: string;
}

export interface DaemonConf extends PodFiles {
  /** Hash over the options that a smart-reconfigure takes up; such a change restarts nothing. */
  readonly liveHash: string;
}

/**
 * For each daemon the entry `zuul.conf` and one per secret file.
 * @throws Blocked `InvalidSecret` naming, once, every value that zuul.conf of any daemon cannot hold
 */
export function renderZuulConf(
  uncut: readonly UncutSection[],
  refs: ResolvedRefs,
): Readonly<Record<Daemon, DaemonConf>> {
  const problems = new Set<string>();
  const sections = mergeByName(uncut);
  const cut = (daemon: Daemon): DaemonConf => cutFor(daemon, sections, refs, problems);
  const confs = {
    executor: cut("executor"),
    merger: cut("merger"),
    scheduler: cut("scheduler"),
    web: cut("web"),
    fingergw: cut("fingergw"),
  };
  if (problems.size > 0) throw new Blocked("InvalidSecret", [...problems].join("; "));
  return confs;
}

function cutFor(
  daemon: Daemon,
  uncut: readonly UncutSection[],
  refs: ResolvedRefs,
  problems: Set<string>,
): DaemonConf {
  const entries = new Map<string, string | Sealed>();
  const sections = uncut.flatMap((section): readonly IniSection[] => {
    const mine = section.options.filter(({ readers }) => readers.includes(daemon));
    if (mine.length === 0) return [];
    const options = new Map<string, string>();
    for (const option of mine)
      options.set(option.name, valueOf(section.name, option, refs, entries, problems));
    return [{ name: section.name, options }];
  });
  const fixed = only(sections, (section, option) => !isLive(daemon, section, option));
  const live = only(sections, (section, option) => isLive(daemon, section, option));
  const hash = contentHash([[files.zuulConf, Sealed.of(renderIni(fixed))], ...entries]);
  entries.set(files.zuulConf, Sealed.of(renderIni(sections)));
  return { entries, hash, liveHash: contentHash([[files.zuulConf, Sealed.of(renderIni(live))]]) };
}

/** Sections of one name stand once in the file: a second one would be an error for the parser. */
function mergeByName(uncut: readonly UncutSection[]): readonly UncutSection[] {
  const merged = new Map<string, UncutSection>();
  for (const { name, options } of uncut) {
    merged.set(name, { name, options: [...(merged.get(name)?.options ?? []), ...options] });
  }
  return [...merged.values()];
}

/** Text, or the path of a file that is added to `entries`. */
function valueOf(
  section: string,
  option: ConfOption | SealedOption,
  refs: ResolvedRefs,
  entries: Map<string, string | Sealed>,
  problems: Set<string>,
): string {
  if ("sealed" in option) return checked(open(option.sealed), option.origin, problems);
  const { name, value } = option;
  if (value.kind === "text") return value.text;
  if (value.as === "text") {
    const object =
      "secretName" in value.source
        ? `Secret "${value.source.secretName}"`
        : `ConfigMap "${value.source.configMapName}"`;
    return checked(
      open(refs.text(value.id)),
      `key "${refs.keyOf(value.id)}" of ${object} (spec.${value.id})`,
      problems,
    );
  }
  const key = fileKey(section, name);
  entries.set(key, refs.file(value.id));
  return `${paths.zuul}/${key}`;
}

function checked(text: string, origin: string, problems: Set<string>): string {
  const refusal = refusalOf(text);
  if (refusal === undefined) return text;
  problems.add(`Cannot use ${origin}: it ${refusal}`);
  return "";
}

/** `connection-gerrit.sshkey`; user text becomes a safe name without collisions. */
export function fileKey(section: string, option: string): string {
  const [kind = "", ...name] = section.split(" ");
  return `${childName(name.length === 0 ? [kind] : [kind, name.join(" ")], 100)}.${option}`;
}

/** The scheduler takes them from its file when it reconfigures, and web from the scheduler, through ZooKeeper. */
function isLive(daemon: Daemon, section: string, option: string): boolean {
  return (daemon === "scheduler" || daemon === "web") && reconfigurable.has(`${section}.${option}`);
}

/** Without sections in which nothing is left: one that comes with live options alone must change nothing else. */
function only(
  sections: readonly IniSection[],
  keep: (section: string, option: string) => boolean,
): readonly IniSection[] {
  return sections
    .map(({ name, options }) => ({
      name,
      options: new Map([...options].filter(([option]) => keep(name, option))),
    }))
    .filter(({ options }) => options.size > 0);
}
